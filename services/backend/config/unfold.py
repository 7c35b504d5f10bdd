"""The admin's look: its name and the order of its menu."""

from django.apps import AppConfig, apps
from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _page(title: str, icon: str, view: str) -> dict[str, object]:
    """Name a page, for whoever may see it."""
    app, _, model = view.rpartition("_")

    def allowed(request: HttpRequest) -> bool:
        return request.user.has_perm(f"{app}.view_{model}") or request.user.has_perm(f"{app}.change_{model}")

    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{view}_changelist"), "permission": allowed}


KERNEL: list[dict[str, object]] = [
    {
        "title": "Chores",
        "items": [
            {"title": "Overview", "icon": "dashboard", "link": reverse_lazy("admin:index")},
            _page("Schedules", "schedule", "django_celery_beat_periodictask"),
            _page("Runs", "directions_run", "runs_run"),
            _page("Effects", "outgoing_mail", "effects_effect"),
            _page("Audit", "policy", "audit_audit"),
            _page("Results", "task_alt", "django_celery_results_taskresult"),
            _page("Heartbeats", "ecg_heart", "heartbeat_heartbeat"),
        ],
    },
    {
        "title": "People and programs",
        "items": [
            _page("Organisations", "apartment", "organisations_organisation"),
            _page("Users", "person", "auth_user"),
            _page("API tokens", "key", "organisations_apitoken"),
            {"title": "API", "icon": "api", "link": reverse_lazy("api-1:openapi-view")},
        ],
    },
]


def _navigation(_: HttpRequest) -> list[dict[str, object]]:
    """Show each app that is installed, by its config's `menu`, before what belongs to the kernel."""
    return [*(_section(apps.get_app_config(module)) for module in settings.MODULES), *KERNEL]


def _section(app: AppConfig) -> dict[str, object]:
    return {"title": app.verbose_name, "items": [_page(*page) for page in getattr(app, "menu", ())]}


SETTINGS: dict[str, object] = {
    "SITE_TITLE": "Deskbeat",
    "SITE_HEADER": "Deskbeat",
    "SITE_SUBHEADER": "chores that run on time",
    "SITE_SYMBOL": "schedule",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("deskbeat/favicon.svg")}],
    "STYLES": [lambda _: static("deskbeat/admin.css")],
    # There is no site beside the admin to go back to.
    "SITE_URL": None,
    "DASHBOARD_CALLBACK": "core.overview.cards.fill",
    "SIDEBAR": {
        "show_search": True,
        "navigation": _navigation,
    },
}
