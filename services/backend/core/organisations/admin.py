"""Admin pages of organisations, and of Django's users in the same look."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core.organisations.models import ApiToken, Member, Organisation

admin.site.unregister(User)
admin.site.unregister(Group)


class MemberInline(TabularInline):
    model = Member
    extra = 0


@admin.register(Organisation)
class OrganisationAdmin(ModelAdmin):
    list_display = ["name", "slug", "tz", "is_active"]
    search_fields = ["name", "slug"]
    inlines = [MemberInline]


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """Tokens are made by `manage.py create_token`, which shows them once; here they are seen and revoked."""

    list_display = ["name", "organisation", "role", "created_at", "last_used_at", "revoked_at"]
    readonly_fields = ["organisation", "role", "created_at", "last_used_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
