"""Every address of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from recovery import health, robots
from recovery.logs import HEALTH_PATH

# Browsers ask for it on pages that name no icon. For ever, so without the checksum in its name.
icon = RedirectView.as_view(url=f"{settings.STATIC_URL}icon.svg", permanent=True)

handler400 = "recovery.error_pages.bad_request"
handler403 = "recovery.error_pages.forbidden"
handler404 = "recovery.error_pages.not_found"
handler500 = "recovery.error_pages.server_error"

urlpatterns = [
    path("", include("articles.urls")),
    path("", include("comments.urls")),
    path("", include("comments.linkbacks.urls")),
    path("admin/", admin.site.urls),
    path(HEALTH_PATH.removeprefix("/"), health.healthz),
    path("favicon.ico", icon),
    path("robots.txt", robots.robots),
]
