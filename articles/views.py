"""The pages for reading."""

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from articles.models import Article, Blog, OldSlug, is_gone
from articles.sessions import has_session


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the newest articles, a page at a time."""
    blog = Blog.current()
    articles = Article.objects.published().newest_first().select_related("author").defer("body")
    paginator = Paginator(articles, blog.articles_per_page or 10)
    try:
        page = paginator.page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404("There is no such page of articles.") from error
    return TemplateResponse(request, "articles/index.html", {"page": page, "blog": blog})


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an article; lead a former address to the present one."""
    visible = Article.objects.select_related("author")
    found = visible.published().filter(slug=slug).first()
    if found is not None:
        return TemplateResponse(request, "articles/article.html", article_context(found))
    former = OldSlug.objects.filter(slug=slug, article__in=Article.objects.published())
    if old := former.select_related("article").first():
        return HttpResponsePermanentRedirect(old.article.get_absolute_url())
    return _preview(request, slug)


def _preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an article that is not published (yet) to those who may view it in the admin."""
    if has_session(request) and request.user.has_perm("articles.view_article"):
        draft = Article.objects.select_related("author").filter(slug=slug).first()
        if draft is not None:
            response = TemplateResponse(request, "articles/article.html", article_context(draft))
            add_never_cache_headers(response)
            return response
    return _nothing(request, slug)


def _nothing(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer 410 where an article was deleted or withdrawn, and 404 where there never was one."""
    if not is_gone(slug):
        raise Http404("There is no article at this address.")
    response = TemplateResponse(request, "410.html", status=410)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    return response


def article_context(article: Article) -> dict[str, object]:
    """Return what the article page shows of the article itself."""
    published, is_published = Article.objects.published(), article.is_published
    return {
        "article": article,
        "faq_entries": list(article.faq_entries.published()),
        "older": published.before(article).only("title", "slug").first() if is_published else None,
        "newer": published.after(article).only("title", "slug").first() if is_published else None,
    }
