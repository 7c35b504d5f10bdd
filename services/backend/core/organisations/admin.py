"""Admin pages of organisations, and of Django's users in the same look."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core.organisations.models import ApiToken, Member, Organisation
from core.organisations.services import tokens_revoke

admin.site.unregister(User)
admin.site.unregister(Group)


class MemberInline(TabularInline):
    model = Member
    extra = 0
    hide_title = True


@admin.register(Organisation)
class OrganisationAdmin(ModelAdmin):
    list_display = ["name", "slug", "tz", "is_active"]
    fields = ["name", "slug", "tz", ("quiet_from", "quiet_until"), "is_active"]
    prepopulated_fields = {"slug": ["name"]}
    search_fields = ["name", "slug"]
    inlines = [MemberInline]


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """Tokens are made by `manage.py create_token`, which shows them once; here they are seen and revoked."""

    list_display = ["name", "organisation", "role", "created_at", "last_used_at", "revoked_at"]
    list_filter = ["organisation", "role"]
    list_select_related = ["organisation"]
    search_fields = ["name"]
    fields = ["name", "organisation", "role", "created_at", "last_used_at", "revoked_at"]
    readonly_fields = ["organisation", "role", "created_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        revoked = tokens_revoke(tokens=queryset)
        self.message_user(request, f"Revoked {revoked} tokens: they are refused from now on.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
