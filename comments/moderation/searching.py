"""The search of the queue: posted, so that an address typed there is in no log and no history."""

import re
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.contrib import messages
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments.contacts import REVEAL_PERMISSION
from comments.models import Comment
from comments.moderation.typed_addresses import as_it_looks

FIELD = "_search"
# Each word is looked for in four columns: a database could be kept busy for ever with thousands.
MOST_WORDS = 20
MOST_LETTERS = 500  # in all
_ADDRESS = re.compile(r"[^\s@]@[^\s@]")

TOO_LONG = _("At most %(words)s words of %(letters)s letters in all are searched for at once.") % {
    "words": MOST_WORDS,
    "letters": MOST_LETTERS,
}


def answer(request: HttpRequest) -> HttpResponse | None:
    """Lead to what was searched for; None when nothing was. Email addresses are not looked for.

    Whoever typed one gets it back neither in a page nor in an address.
    """
    term = request.POST.get(FIELD)
    if term is None:
        term = request.GET.get(SEARCH_VAR, "")
        if not _is_too_long(term) and not _holds_address(term):
            return None
    if _is_too_long(term):
        messages.warning(request, TOO_LONG)
        term = ""
    elif _holds_address(term):
        messages.warning(request, _refusal(request))
        term = ""
    return HttpResponseRedirect(_place(request, term.strip()))


def _is_too_long(term: str) -> bool:
    return len(term) > MOST_LETTERS or len(term.split()) > MOST_WORDS


def _holds_address(term: str) -> bool:
    return _ADDRESS.search(as_it_looks(term)) is not None


def _place(request: HttpRequest, term: str) -> str:
    where = request.GET.copy()
    for name in (SEARCH_VAR, PAGE_VAR):
        where.pop(name, None)
    if term:
        where[SEARCH_VAR] = term
    return f"{request.path}?{where.urlencode()}" if where else request.path


def _refusal(request: HttpRequest) -> SafeString | str:
    if not request.user.has_perm(REVEAL_PERMISSION):
        return gettext("Email addresses are not searched for here. Ask somebody who may see them.")
    place = reverse("admin:comments_comment_by_address")
    refusal = gettext(
        "Email addresses are not searched for here. "
        '<a href="{place}">Find by address</a> does that.'
    )
    return format_html(refusal, place=place)


def found(comments: QuerySet[Comment], term: str, fields: Iterable[str]) -> QuerySet[Comment]:
    """Return those that hold each word or “quoted phrase” of the term in one of these fields."""
    columns = tuple(fields)
    for piece in smart_split(term):
        is_phrase = piece[0] in "\"'" and len(piece) > 1 and piece[0] == piece[-1]
        words = unescape_string_literal(piece) if is_phrase else piece
        comments = comments.filter(reduce(or_, (holds(column, words) for column in columns)))
    return comments


def holds(column: str, words: str) -> Q:
    """Return the condition that a column holds these words, in capitals or small letters."""
    if connection.vendor == "sqlite" and not words.isascii():
        # SQLite's own LIKE knows the capitals of ASCII alone.
        return Q((f"{column}__iregex", re.escape(words)))
    return Q((f"{column}__icontains", words))
