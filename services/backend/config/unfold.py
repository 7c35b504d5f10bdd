"""The admin's look: its name and the order of its menu."""

from django.templatetags.static import static
from django.urls import reverse_lazy


def _page(title: str, icon: str, view: str) -> dict[str, object]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{view}_changelist")}


SETTINGS = {
    "SITE_TITLE": "Deskbeat",
    "SITE_HEADER": "Deskbeat",
    "SITE_SUBHEADER": "chores that run on time",
    "SITE_SYMBOL": "schedule",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("deskbeat/favicon.svg")}],
    # There is no site beside the admin to go back to.
    "SITE_URL": None,
    "SIDEBAR": {
        "show_search": True,
        "navigation": [
            {
                "title": "Tickets",
                "items": [
                    _page("Tickets", "confirmation_number", "tickets_ticket"),
                    _page("Boards", "view_kanban", "tickets_board"),
                ],
            },
            {
                "title": "Chores",
                "items": [
                    _page("Schedules", "schedule", "django_celery_beat_periodictask"),
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
        ],
    },
}
