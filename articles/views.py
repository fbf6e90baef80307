"""The pages for reading."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from articles import appearance, paging, surroundings
from articles.feeds import addresses
from articles.models import Article, Blog, FaqEntry, OldSlug, is_gone
from articles.prepared import MOMENT, NUMBER, TEXT, PreparedModels
from articles.sessions import has_session

# What is under this address never changes: another content has another name.
FOR_EVER = "max-age=315360000, public, immutable"

# What other apps add: each is called with a request for a published article, and may lead elsewhere.
guides: list[Callable[[HttpRequest, Article], HttpResponse | None]] = []


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the newest articles, a page at a time."""
    if elsewhere := addresses.guide(request):
        return elsewhere
    blog = Blog.current()
    page = paging.index_page(request.GET, blog.articles_per_page or 10)
    if page is None:
        return redirect("index")
    return TemplateResponse(request, "articles/index.html", {"page": page, "blog": blog})


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an article; lead a former address to the present one."""
    found = next(iter(_at_address(Article, slug, timezone.now())), None)
    if found is not None:
        return _guided(request, found) or TemplateResponse(
            request, "articles/article.html", article_context(found)
        )
    former = OldSlug.objects.filter(slug=slug, article__in=Article.objects.published())
    if old := former.select_related("article").first():
        return HttpResponsePermanentRedirect(old.article.get_absolute_url())
    return _preview(request, slug)


def _guided(request: HttpRequest, article: Article) -> HttpResponse | None:
    answers = (guide(request, article) for guide in guides)
    return next((answer for answer in answers if answer is not None), None)


def _preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an article that is not published (yet) to those who may view it in the admin."""
    if has_session(request) and request.user.has_perm("articles.view_article"):
        draft = Article.objects.select_related("author").filter(slug=slug).first()
        if draft is not None:
            response = TemplateResponse(request, "articles/article.html", article_context(draft))
            add_never_cache_headers(response)
            return response
    return nothing(request, slug)


@require_safe
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


def nothing(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer 410 where an article was deleted or withdrawn, and 404 where there never was one."""
    if not is_gone(slug):
        raise Http404("There is no article at this address.")
    response = TemplateResponse(request, "410.html", status=410)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    return response


def article_context(article: Article) -> dict[str, object]:
    """Return what the article page shows of the article itself."""
    return {
        "article": article,
        "faq_entries": _questions(FaqEntry, article.pk),
        "surroundings": surroundings.of(article),
    }


_at_address = PreparedModels(
    lambda slug, now: Article.objects.select_related("author").published(now).filter(slug=slug),
    *(TEXT, MOMENT),
    companion="author",
)
_questions = PreparedModels(
    lambda article: FaqEntry.objects.published().filter(article=article), NUMBER
)
