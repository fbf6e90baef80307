"""Every address of the site, from its URL patterns: which there are, and how each is visited."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve, reverse

ADMIN: Final = "admin/"
#: Catches what no other address of the admin is.
_CATCH_ALL: Final = f"{ADMIN}(?P<url>.*)$"
#: Of each table in the admin, so many rows are opened.
ROWS: Final = 4
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Pattern:
    """One URL pattern with all that stands before it, as ``ResolverMatch.route`` says it."""

    route: str
    name: str

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(_ARGUMENT.findall(self.route))

    @property
    def is_admin(self) -> bool:
        return self.route.startswith(ADMIN)


def patterns() -> list[Pattern]:
    """Return every pattern of the site."""
    found = _walk(get_resolver().url_patterns, "")
    return [pattern for pattern in found if pattern.route != _CATCH_ALL]


def _walk(branches: list[URLPattern | URLResolver], before: str) -> Iterator[Pattern]:
    for branch in branches:
        own = str(branch.pattern)
        route = before + (own.removeprefix("^") if before else own)
        if isinstance(branch, URLResolver):
            yield from _walk(branch.url_patterns, route)
        else:
            yield Pattern(route, branch.name or "")


def route_of(path: str) -> str:
    """Return the route by which the site answers a path; empty where it has no such address."""
    try:
        return resolve(path.partition("?")[0]).route
    except Resolver404:
        return ""


def shown(route: str) -> str:
    """Return the name of a place in the report: of the admin its parts, not each of their pages."""
    if not route:
        return "no such address"
    return "/" + ("/".join(route.split("/")[:3]) if route.startswith(ADMIN) else route)


def admin_paths(pattern: Pattern) -> Iterator[str]:
    """Return paths for a pattern of the admin: with the newest rows where it names one."""
    if not pattern.arguments:
        yield f"/{pattern.route}"
    elif pattern.name == "app_list":
        apps_shown = re.findall(r"\(\?P<app_label>([^)]*)\)", pattern.route)[0].split("|")
        yield from (f"/{ADMIN}{app}/" for app in apps_shown)
    elif pattern.arguments in (("object_id",), ("id",)):
        _, app, model, *_ = pattern.route.split("/")
        for pk in _newest(app, model):
            yield "/" + _ARGUMENT.sub(str(pk), pattern.route)
    elif pattern.name == "view_on_site":
        comment = ContentType.objects.get_by_natural_key("comments", "comment").pk
        for pk in _newest("comments", "comment"):
            yield reverse("admin:view_on_site", args=[comment, pk])


def _newest(app: str, model: str) -> list[Any]:
    rows = apps.get_model(app, model)._base_manager.order_by("-pk")
    return list(rows.values_list("pk", flat=True)[:ROWS])
