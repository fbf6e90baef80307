"""Whatever changes a page is noted, found by trying: every column of every table, changed by bare SQL."""

import datetime
from itertools import chain

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import Error, models, transaction
from django.test import Client
from django.utils import timezone

from articles.cards import making
from articles.models import Article, Blog, Series, Tag
from comments.models import Comment, DiscussionSettings, FaqOrigin, Kind, ResponseType, Status
from recovery.models import PageChange
from recovery.page_cache.requests import target_of
from tests.builders import make_article, make_comment, make_faq_entry, make_pingback, make_user

pytestmark = pytest.mark.django_db

APPS = ("articles", "comments", "linkbacks")
ALL_FEEDS = ["/feed/atom/", "/comments/feed/atom/"]
SHOWN = [
    User,
    Article.tags.through,
    *chain.from_iterable(apps.get_app_config(label).get_models() for label in APPS),
]
DAY = datetime.timedelta(days=1)


@pytest.fixture
def pages(time_machine):
    """Return the addresses of a site that shows one of everything, at one moment."""
    time_machine.move_to("2026-11-22 12:00:00+00:00", tick=False)
    now = timezone.now()
    author = make_user(first_name="Ann", last_name="Author")
    series = Series(name="A series", description="About it.")
    series.store()
    first = make_article(published_at=now - 3 * DAY, series=series)
    article = make_article(
        published_at=now - 2 * DAY, author=author, summary="In short.", series=series, part=1
    )
    make_article(published_at=now - DAY, comments_open=False)
    draft = make_article(status=Article.Status.DRAFT, published_at=None, series=series)
    tags = Tag.objects.named(["One", "Other"])
    for one in (article, first, make_article(published_at=now - 40 * DAY), draft):
        one.tags.set(tags)
    _talk_about(article, author)
    Blog(pk=1, rel_me="https://ann.example/").save()
    DiscussionSettings(pk=1).save()
    page = article.get_absolute_url()
    lists = ["/tags/", "/tags/one/", "/series/a-series/", "/archive/2026/11/", "/subscribe/"]
    feeds = [*ALL_FEEDS, "/tags/one/feed/atom/", f"{page}feed/atom/"]
    return ["/", page, "/privacy/", *lists, *feeds, *_for_machines(article)]


def _for_machines(article):
    making.make(Article.objects.filter(pk=article.pk))
    article.refresh_from_db()
    url = f"{settings.SITE_URL}{article.get_absolute_url()}"
    return [
        f"/articles/{article.slug}.md",
        f"/articles/{article.slug}/card-{article.card_name}.png",
        f"/oembed?url={url}",
        "/llms.txt",
        "/robots.txt",
        "/sitemap.xml",
        "/sitemap-pages.xml",
        "/sitemap-articles-1.xml",
    ]


def _talk_about(article, author):
    shown = {"article": article, "status": Status.APPROVED}
    top = make_comment(**shown, author_url="https://ann.example/", user=author)
    hidden = make_comment(article, parent=top)
    make_comment(**shown, parent=hidden)
    make_pingback(**shown)
    for kind in (ResponseType.LIKE, ResponseType.REPOST):
        make_pingback(**shown, kind=Kind.WEBMENTION, response_type=kind)
    asked = make_faq_entry(article, credit_name="Li", credit_anchor=f"comment-{top.pk}")
    FaqOrigin.objects.create(entry=asked, comment=top)
    make_faq_entry(article, is_published=False)


def other_values(field, value):
    """Return values that this column could have instead."""
    if field.choices:
        return [choice for choice, _ in field.choices if choice != value]
    match field:
        case models.ForeignKey():
            others = field.related_model.objects.exclude(pk=value).values_list("pk", flat=True)
            return [*others[:2], *([None] if field.null and value else [])]
        case models.BooleanField():
            return [not value]
        case models.DateTimeField():
            moved = [value + 5 * DAY, value - 5 * DAY] if value else [timezone.now() - DAY]
            return [*moved, *([None] if field.null and value else [])]
        case models.BinaryField():
            return [b"other", b""]
        case models.JSONField():
            return [{"other": 1}]
        case models.IntegerField() | models.FloatField():
            return [0, 1, (value or 0) + 1, (value or 0) + 7]
        case _:
            return [f"{value or ''}x"[-(field.max_length or 1_000_000) :], ""]


def changes_to(model):
    """Give each way in which one row could become another."""
    # Of most tables a few rows show all there is to see; comments differ by what they are.
    for row in model.objects.all()[: None if model is Comment else 3]:
        same = model.objects.filter(pk=row.pk)
        for field in model._meta.concrete_fields:
            if not field.primary_key:
                for value in other_values(field, getattr(row, field.attname)):
                    yield f"{field.name} → {value!r}", same, {field.attname: value}


def look(pages):
    """Return what a stranger sees."""
    client = Client(raise_request_exception=False)
    return {page: _as_kept(client.get(page)) for page in pages}


def _as_kept(response):
    # What is not answered with 200 is not kept.
    headers = {name: response.headers.get(name) for name in ("Link", "X-Pingback")}
    return (response.status_code, headers, response.content)


def unnoted(pages, before, change):
    """Make the change; return the pages that it changed and that nothing was noted for."""
    PageChange.objects.all().delete()
    try:
        with transaction.atomic():
            change()
    except Error:
        return []  # The database does not allow it.
    noted = set(PageChange.objects.values_list("key", flat=True))
    after = look([page for page in pages if not noted & depends_on(page)])
    return [page for page, seen in after.items() if seen != before[page]]


def depends_on(page):
    path, _, query = page.partition("?")
    return set(target_of(path.encode(), query.encode()).depends_on)


def tried(pages, before, name, change):
    """Make the change and take it back; return a line for each page that it left untrue."""
    with transaction.atomic():
        found = [f"{name}: {page}" for page in unnoted(pages, before, change)]
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model._meta.label_lower)
def test_every_column_that_shows_is_watched(pages, model):
    before = look(pages)
    assert look(pages) == before
    failures = []
    for name, rows, values in changes_to(model):
        failures += tried(
            pages, before, name, lambda rows=rows, values=values: rows.update(**values)
        )
    assert failures == []


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model._meta.label_lower)
def test_every_row_that_shows_is_missed(pages, model):
    before = look(pages)
    failures = []
    for row in model.objects.all():
        failures += tried(pages, before, str(row), model.objects.get(pk=row.pk).delete)
    assert failures == []


def test_the_search_finds_what_nobody_watches(pages):
    before = look(pages)

    def change():
        Comment.objects.filter(status=Status.APPROVED).update(author_name="Somebody")
        PageChange.objects.all().delete()

    showing = [pages[1], "/comments/feed/atom/", f"{pages[1]}feed/atom/"]
    showing.append(pages[1].rstrip("/") + ".md")
    assert tried(pages, before, "name", change) == [f"name: {page}" for page in showing]
