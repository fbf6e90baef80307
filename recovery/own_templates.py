"""The owner's own templates, in ``DATA_DIR/templates``: before the site's, which stand in for broken ones.

One that does not compile counts as not there. One that fails when it is used has the whole page made
again, of the site's templates alone. Either is logged, in a line that says what to mend.
"""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.template import (
    Node,
    Origin,
    Template,
    TemplateDoesNotExist,
    TemplateSyntaxError,
    engines,
)
from django.template.backends.django import DjangoTemplates
from django.template.loaders import filesystem
from django.template.response import SimpleTemplateResponse

FOLDER: Final = settings.DATA_DIR / "templates"
STANDARD: Final = "standard"
"""The name of the engine that knows the site's templates alone."""

logger = logging.getLogger(__name__)
_only_standard: ContextVar[bool] = ContextVar("only_standard", default=False)
Made = TypeVar("Made")


class Templates(DjangoTemplates):
    """Django's engine, which gives way to the standard one where a page is made again."""

    def get_template(self, template_name: str) -> Any:
        if _only_standard.get():
            return engines[STANDARD].get_template(template_name)
        return super().get_template(template_name)


class Loader(filesystem.Loader):
    """Finds the owner's templates; to it, one that does not compile is not there."""

    def get_contents(self, origin: Origin) -> str:
        try:
            contents: str = super().get_contents(origin)
            Template(contents, origin, engine=self.engine)
        except (TemplateSyntaxError, OSError, UnicodeDecodeError) as error:
            logger.error("%s is not used, the standard template is: %s", origin, error)
            raise TemplateDoesNotExist(origin) from error
        return contents


def surely(make: Callable[[], Made]) -> Made:
    """Return what is made, if need be without the owner's templates.

    Raises what ``make`` does where they are not to blame.
    """
    try:
        return make()
    except Exception as error:
        if not _are_there():
            raise
        with _standard_only():
            made = make()
        _complain(error)
        return made


class StandardPageMiddleware:
    """Makes a page of the site's own templates when it could not be made with the owner's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: SimpleTemplateResponse
    ) -> SimpleTemplateResponse:
        request._to_be_rendered = response  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Render again what failed to render; what went wrong elsewhere is none of this."""
        response: Any = getattr(request, "_to_be_rendered", None)
        if response is None or isinstance(error, Http404 | SuspiciousOperation) or not _are_there():
            return None
        with _standard_only():
            rendered: HttpResponse = response.render()
        _complain(error)
        return rendered


@contextmanager
def _standard_only() -> Iterator[None]:
    token = _only_standard.set(True)
    try:
        yield
    finally:
        _only_standard.reset(token)


def _are_there() -> bool:
    return not _only_standard.get() and any(FOLDER.rglob("*.*"))


def _complain(error: Exception) -> None:
    logger.error(
        "A page could not be made with %s, the standard templates were used: %s: %s",
        *(_place(error), type(error).__name__, error),
    )


def _place(error: Exception) -> str:
    """Return the owner's template in which it failed, and the line; else the folder of all of them."""
    place = f"the templates in {FOLDER}"
    # Of a template that is not there Django tells anew, and names what it had heard as the cause.
    for frame, _ in traceback.walk_tb((error.__cause__ or error).__traceback__):
        node = frame.f_locals.get("self")
        if isinstance(node, Node) and node.origin and str(node.origin).startswith(str(FOLDER)):
            place = f"{node.origin}, line {node.token.lineno if node.token else '?'}"
    return place
