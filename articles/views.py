"""The pages for reading."""

import datetime
import logging
from collections.abc import Callable, Hashable, Mapping
from itertools import chain
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from articles import appearance, belongings, frames, paging, surroundings
from articles.at_address import article_at, article_once_at, is_gone
from articles.feeds import addresses
from articles.frames import Frame
from articles.models import Article, Blog
from articles.reading_only import reading_only
from articles.sessions import has_session

logger = logging.getLogger(__name__)
# What is under this address never changes: another content has another name.
FOR_EVER = "max-age=315360000, public, immutable"

# What other apps add, each called with a request and an article: where a request for a published article leads
# instead, if anywhere; headers of its page; and the moment from which on its page is another one by itself.
guides: list[Callable[[HttpRequest, Article], HttpResponse | None]] = []
headers: list[Callable[[HttpRequest, Article], Mapping[str, str]]] = []
ends: list[Callable[[HttpRequest, Article], datetime.datetime | None]] = []


@reading_only
def index(request: HttpRequest) -> HttpResponse:
    """Show the newest articles, a page at a time."""
    if elsewhere := addresses.guide(request):
        return elsewhere
    blog = Blog.current()
    page = paging.index_page(request.GET, blog.articles_per_page)
    if page is None:
        return redirect("index")
    return TemplateResponse(request, "articles/index.html", {"page": page, "blog": blog})


@reading_only
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an article; lead a former address to the present one."""
    is_for_all = not has_session(request) and not settings.DEBUG
    page = _framed(request, slug) if is_for_all else _whole(request, slug)
    return page or _at_former_address(slug) or _preview(request, slug)


def _framed(request: HttpRequest, slug: str) -> HttpResponse | None:
    """Return the page that everybody gets, filled into its frame, if there is such an article."""
    mark, now = frames.mark(slug), timezone.now()
    frame = frames.kept(slug, mark, now)
    found = frame.article if frame else article_at(slug, now)
    if found is None:
        return None
    if elsewhere := _guided(request, found):
        return elsewhere
    try:
        return (frame or _frame_of(found, mark, now)).page_for(request)
    except (Http404, SuspiciousOperation):
        raise
    except Exception:
        # Rendered as other pages are it may fail again, and is made of the standard templates then.
        logger.exception("The frame of the page of “%s” could not be drawn", slug)
        return article_page(request, found)


def _frame_of(found: Article, mark: Hashable, now: datetime.datetime) -> Frame:
    """Draw the frame of this article's page as it is ``now``, and keep it."""
    stranger = frames.stranger_at(found.get_absolute_url())
    with frames.keeping(found.slug, mark) as kept:
        context = article_context(found, now)
        moments = [context["surroundings"].appears, *(end(stranger, found) for end in ends)]
        until = min((moment for moment in moments if moment and moment > now), default=None)
        frame = frames.draw(stranger, found, context, _headers(stranger, found), now, until)
        kept.append(frame)
    return frame


def _whole(request: HttpRequest, slug: str) -> HttpResponse | None:
    """Return the page rendered for this request alone, if there is such an article."""
    found = article_at(slug, timezone.now())
    if found is None:
        return None
    return _guided(request, found) or article_page(request, found)


def article_page(
    request: HttpRequest, article: Article, status: int = 200, **more: object
) -> HttpResponse:
    """Return the article's page rendered for this request alone; ``more`` is for the template."""
    context, also = {**article_context(article), **more}, _headers(request, article)
    return TemplateResponse(request, "articles/article.html", context, status=status, headers=also)


def _headers(request: HttpRequest, article: Article) -> dict[str, str]:
    return dict(chain.from_iterable(add(request, article).items() for add in headers))


def _guided(request: HttpRequest, article: Article) -> HttpResponse | None:
    answers = (guide(request, article) for guide in guides)
    return next((answer for answer in answers if answer is not None), None)


def _at_former_address(slug: str) -> HttpResponse | None:
    found = article_once_at(slug)
    return HttpResponsePermanentRedirect(found.get_absolute_url()) if found else None


def _preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an article that is not published (yet) to those who may view it in the admin."""
    if has_session(request) and request.user.has_perm("articles.view_article"):
        draft = Article.objects.select_related("author").filter(slug=slug).first()
        if draft is not None:
            response = article_page(request, draft)
            add_never_cache_headers(response)
            return response
    return gone_or_missing(request, slug)


@reading_only
def style(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with the style sheet in the owner's colour; lead from its former names to the present one."""
    sheet = appearance.sheet(Blog.current().accent)
    if digest != sheet.digest:
        answer: HttpResponse = redirect(sheet.url)
        answer["Cache-Control"] = "no-store"
        return answer
    answer = HttpResponse(sheet.css, content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = FOR_EVER
    return answer


def gone_or_missing(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer 410 where an article was deleted or withdrawn, and 404 where there never was one."""
    if not is_gone(slug):
        raise Http404("There is no article at this address.")
    response = TemplateResponse(request, "410.html", status=410)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    return response


def article_context(article: Article, now: datetime.datetime | None = None) -> dict[str, Any]:
    """Return what the article's page shows of the article itself and of others, as things are ``now``."""
    own = belongings.of(article)
    return {
        "article": article,
        "faq_entries": own.questions,
        "surroundings": surroundings.of(article, now, own),
    }
