"""The feeds of responses: of the whole site, and of one article (RFC 4685)."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils.translation import gettext

from articles.feeds.content import elsewhere
from articles.feeds.entries import Answered, Entry, Feed, Replies, permanent_id
from articles.feeds.lists import article_id
from articles.models import Article, Blog
from articles.rendering import plain_text
from articles.site_addresses import absolute, absolute_to, page_of
from comments.ancestors import answered
from comments.models import Comment, CommentQuerySet, ResponseType, Tally
from comments.untrusted import web_address

SUMMARY_LENGTH: Final = 240


def of_site() -> Feed:
    """Return the feed of the newest responses to whatever article."""
    blog = Blog.current()
    return Feed(
        id=permanent_id("responses"),
        title=f"{gettext('Responses')} – {blog.name}",
        author=blog.name,
        page=absolute_to("index"),
        address=absolute_to("comments_feed"),
        entries=_entries(_everywhere(blog.entries_per_feed)),
    )


def of_article(article: Article) -> Feed:
    """Return the feed of the newest responses to a published article."""
    blog = Blog.current()
    heading = gettext("Responses to “%(title)s”") % {"title": article.title}
    said = article.comments.approved().in_words().order_by("-created_at", "-pk")
    return Feed(
        id=permanent_id("responses-to-article", article.pk),
        title=f"{heading} – {blog.name}",
        author=blog.name,
        page=page_of(article),
        address=absolute_to("article_feed", article.slug),
        entries=_entries(said[: blog.entries_per_feed]),
    )


def conversations(articles: Sequence[Article]) -> Mapping[int, Replies]:
    """Return what is told of the responses to articles beside these, by the articles' numbers."""
    tallies = Tally.objects.filter(article__in=[article.pk for article in articles])
    counts = dict(tallies.values_list("article", "responses"))
    return {
        article.pk: Replies(
            count=counts.get(article.pk, 0),
            page=f"{page_of(article)}#responses",
            feed=absolute_to("article_feed", article.slug),
        )
        for article in articles
    }


def _everywhere(most: int) -> CommentQuerySet:
    # Asked of each, from the newest on: joined, SQLite may begin with the articles, where it knows that they
    # are few, and sort all that was said about them. The search joins (see ``comments.searchable``).
    is_public = Exists(Article.objects.published().filter(pk=OuterRef("article")))
    said = Comment.objects.approved().in_words().filter(is_public)
    return said.order_by("-created_at", "-pk")[:most]


def _entries(said: CommentQuerySet) -> tuple[Entry, ...]:
    comments = list(said.select_related("article"))
    above = answered(comments)
    return tuple(_entry(comment, above.get(comment.pk)) for comment in comments)


def _entry(comment: Comment, above: Comment | None) -> Entry:
    page, text = page_of(comment.article), _html(comment)
    return Entry(
        id=comment_id(comment.pk),
        url=absolute(comment.get_absolute_url()),
        title=gettext("%(name)s on “%(title)s”")
        % {"name": comment.author_name, "title": comment.article.title},
        html=elsewhere(text, page, f"c{comment.pk}-"),
        summary=plain_text(text, SUMMARY_LENGTH),
        author=comment.author_name,
        author_url=web_address(comment.author_url),
        published=comment.created_at,
        updated=comment.edited_at or comment.created_at,
        answers=_answers(comment, above),
    )


def comment_id(pk: int) -> str:
    return permanent_id("comment", pk)


def _html(comment: Comment) -> str:
    """Return what is said as the article's page shows it."""
    if comment.is_reply:
        return comment.text_html
    context = {
        "text": comment.text,
        "url": web_address(comment.author_url),
        "is_quote": comment.response_type == ResponseType.MENTION,
    }
    return render_to_string("comments/_feed_linkback.html", context)


def _answers(comment: Comment, above: Comment | None) -> Answered:
    """Return what it answers: another response, if readers see one above it, or else the article."""
    if above is None:
        return Answered(id=article_id(comment.article_id), url=page_of(comment.article))
    # Read already, for what answers is about the same article.
    above.article = comment.article
    return Answered(id=comment_id(above.pk), url=absolute(above.get_absolute_url()))
