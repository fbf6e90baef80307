"""The pages for reading."""

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from articles.models import Article, Blog, OldSlug
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
    if not (has_session(request) and request.user.has_perm("articles.view_article")):
        raise Http404("There is no article at this address.")
    draft = get_object_or_404(Article.objects.select_related("author"), slug=slug)
    response = TemplateResponse(request, "articles/article.html", article_context(draft))
    add_never_cache_headers(response)
    return response


def article_context(article: Article) -> dict[str, object]:
    """Return what the article page shows of the article itself."""
    published, is_published = Article.objects.published(), article.is_published
    return {
        "article": article,
        "faq_entries": list(article.faq_entries.all()),
        "older": published.before(article).only("title", "slug").first() if is_published else None,
        "newer": published.after(article).only("title", "slug").first() if is_published else None,
    }
