"""The feeds of articles: what is in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from django.conf import settings
from django.db.models import Prefetch
from django.template.loader import render_to_string

from articles.feeds.content import elsewhere
from articles.feeds.entries import Entry, Feed, Replies, permanent_id
from articles.models import SUMMARY_LENGTH, Article, ArticleQuerySet, Blog, FaqEntry, Tag
from articles.rendering import plain_text
from articles.site_addresses import absolute_to, page_of

# What other apps know of the responses to articles, by the numbers of these.
conversations: list[Callable[[Sequence[Article]], Mapping[int, Replies]]] = []


def of_articles() -> Feed:
    """Return the feed of the newest articles."""
    blog = Blog.current()
    return Feed(
        id=permanent_id("articles"),
        title=blog.name,
        subtitle=blog.tagline,
        author=blog.name,
        page=absolute_to("index"),
        address=absolute_to("feed"),
        hub=settings.WEBSUB_HUB,
        entries=_entries(Article.objects.published(), blog),
    )


def of_tag(tag: Tag) -> Feed:
    """Return the feed of the newest articles with a tag."""
    blog = Blog.current()
    return Feed(
        id=permanent_id("tag", tag.pk),
        title=f"{tag.name} – {blog.name}",
        subtitle=plain_text(tag.description_html, SUMMARY_LENGTH),
        author=blog.name,
        page=absolute_to("tag", tag.slug),
        address=absolute_to("tag_feed", tag.slug),
        hub=settings.WEBSUB_HUB,
        entries=_entries(tag.newest_articles(blog.entries_per_feed), blog),
    )


def _entries(articles: ArticleQuerySet, blog: Blog) -> tuple[Entry, ...]:
    """Return the newest of the articles with their questions: as many queries however many there are."""
    answers = Prefetch("faq_entries", FaqEntry.objects.published(), to_attr="answers")
    listed = articles.newest_first().select_related("author").defer("body")
    found = list(listed.prefetch_related(answers, "tags")[: blog.entries_per_feed])
    replies: dict[int, Replies] = {}
    for of in conversations:
        replies.update(of(found))
    return tuple(replace(_entry(article), replies=replies.get(article.pk)) for article in found)


def _entry(article: Article) -> Entry:
    url = page_of(article)
    return Entry(
        id=article_id(article.pk),
        url=url,
        title=article.title,
        html=_html(article, url),
        summary=article.excerpt,
        author=article.byline,
        language=article.language,
        published=article.published_at or article.updated_at,
        updated=article.last_change,
        tags=tuple(tag.name for tag in article.sorted_tags),
    )


def article_id(pk: int) -> str:
    return permanent_id("article", pk)


def _html(article: Article, url: str) -> str:
    """Return the body, and the questions with their answers after it."""
    whole = render_to_string("articles/_feed_entry.html", {"article": article, "url": url})
    return elsewhere(whole, url, f"a{article.pk}-")
