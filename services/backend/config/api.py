"""The HTTP API: one router per app under /api/v1, described at /api/v1/docs."""

from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from ninja import Swagger

from core.organisations.auth import caller_auth
from core.refusals import RefusingAPI
from core.runs.api import router as runs

DESCRIPTION = """
What belongs to one organisation: the caller's. And the runs of its chores: what will happen, what did, and how to take
it back or try again.

**Sign in** with `Authorization: Bearer <token>` (`manage.py create_token` makes one), or at [/admin/](/admin/): the
session counts here too. A session's writes need the CSRF token, which this page sends by itself.

**Roles**: a viewer reads, an agent also does the daily work and cancels or retries runs, an owner also changes the
settings, decides on held runs, undoes and terminates.

**Runs** are followed at `/api/v1/tasks/status/<id>`; whatever asks for one answers 202 with that address in `Location`
and takes an `Idempotency-Key`. Runs of no organisation are the installation's chores: its staff see and operate them,
signed in at [/admin/](/admin/); a token is never staff.

**Refusals** say why in one sentence, `detail`. What belongs to another organisation is 404, as if it were not there.
"""
TAGS = [
    {"name": "runs", "description": "Everything the workers were asked for: follow, cancel, retry, approve, undo"},
    {"name": "schedules", "description": "When each chore is due, how it went, and what it will change"},
    {"name": "health", "description": "What is broken, since when, and what to do"},
    {"name": "dead letters", "description": "What nothing will try again by itself, with replay"},
]


class OwnSwagger(Swagger):
    """Swagger UI from our own static files (settings.STATICFILES_DIRS): no page of ours needs the internet."""

    # ninja would render its own copy only from INSTALLED_APPS.
    template_cdn = str(Path(__file__).with_name("api_docs.html"))


apps: list[Any] = [import_module(f"apps.{module}.api") for module in settings.MODULES]
api = RefusingAPI(
    title="Deskbeat",
    version="1",
    auth=caller_auth,
    docs=OwnSwagger(settings={"persistAuthorization": True, "tryItOutEnabled": True}),
    description=DESCRIPTION,
    openapi_extra={"tags": [tag for app in apps for tag in app.TAGS] + TAGS},
)
api.add_router("", runs)
for app in apps:
    api.add_router("", app.router)
