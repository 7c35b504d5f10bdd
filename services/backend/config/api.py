"""The HTTP API: one router per app under /api/v1, described at /api/v1/docs."""

from importlib import import_module

from django.conf import settings
from ninja import NinjaAPI, Swagger

api = NinjaAPI(
    title="Deskbeat",
    version="1",
    docs=Swagger(settings={"persistAuthorization": True}),
    description="Send `Authorization: Bearer <token>` (made by `manage.py create_token`), or sign in at /admin/.",
)
for module in settings.MODULES:
    api.add_router("", import_module(f"apps.{module}.api").router)
