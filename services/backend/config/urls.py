"""Which door answers which address."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from config.api import api
from core.metrics.views import metrics

admin.autodiscover()

handler400 = "core.refusals.bad_request"
handler404 = "core.refusals.not_found"
handler500 = "core.refusals.failed"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/v1/", RedirectView.as_view(pattern_name="api-1:openapi-view")),
    path("api/v1/tasks/metrics", metrics),
    path("api/v1/", api.urls),
]
