"""The two addresses of the yardstick, before those of the site, which its start needs."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from benchmarks.yardstick.models import Row


def empty(request: HttpRequest) -> HttpResponse:
    """Answer with nothing."""
    return HttpResponse(b"")


def insert(request: HttpRequest) -> HttpResponse:
    """Insert what was posted as one row; it is on the disk when this is answered."""
    Row._default_manager.create(text=request.body.decode())
    return HttpResponse(b"", status=201)


urlpatterns = [path("empty", empty), path("insert", insert), path("", include("recovery.urls"))]
