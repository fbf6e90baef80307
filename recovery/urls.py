"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from recovery import health
from recovery.logs import HEALTH_PATH

urlpatterns = [
    path("", include("articles.urls")),
    path("", include("comments.urls")),
    path("", include("comments.linkbacks.urls")),
    path("admin/", admin.site.urls),
    path(HEALTH_PATH.removeprefix("/"), health.healthz),
]
