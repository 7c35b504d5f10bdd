"""The admin's look: its name and the order of its menu."""

from django.urls import reverse_lazy


def _page(title: str, icon: str, view: str) -> dict[str, object]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{view}_changelist")}


SETTINGS = {
    "SITE_TITLE": "Deskbeat",
    "SITE_HEADER": "Deskbeat",
    "SITE_SUBHEADER": "chores that run on time",
    "SITE_SYMBOL": "schedule",
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
                "title": "People",
                "items": [
                    _page("Organisations", "apartment", "organisations_organisation"),
                    _page("Users", "person", "auth_user"),
                    _page("API tokens", "key", "organisations_apitoken"),
                ],
            },
        ],
    },
}
