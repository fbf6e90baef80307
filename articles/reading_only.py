"""Views that show something and take nothing."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.http import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer", bound=HttpResponseBase)


def reading_only(view: Callable[_Asked, _Answer]) -> Callable[_Asked, _Answer]:
    """Answer any method but GET and HEAD with 405 and ``Allow`` (RFC 9110, 15.5.6).

    Without Django's CSRF check, which comes before the view and would answer 403.
    """
    return csrf_exempt(require_safe(view))
