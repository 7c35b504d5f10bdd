"""Which door answers which address."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from config.api import api
from core.health.views import healthz, readyz

admin.autodiscover()

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", healthz),
    path("readyz", readyz),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
]
