"""Articles: what is visible when, what storing does, and addresses that last."""

import datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from articles.models import Article, Blog, FaqEntry, OldSlug
from tests.builders import make_article, make_faq_entry, make_user

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
DRAFT, PUBLISHED = Article.Status.DRAFT, Article.Status.PUBLISHED


def old_slugs(article: Article) -> set[str]:
    return set(article.old_slugs.values_list("slug", flat=True))


@pytest.mark.parametrize(
    ("status", "published_at", "visible"),
    [
        (PUBLISHED, NOW - SECOND, True),
        (PUBLISHED, NOW, True),
        (PUBLISHED, NOW + SECOND, False),
        (PUBLISHED, NOW + datetime.timedelta(days=400), False),
        (DRAFT, NOW - SECOND, False),
        (DRAFT, NOW + SECOND, False),
        (DRAFT, None, False),
    ],
)
def test_the_set_and_the_row_agree_on_what_is_published(
    status: str, published_at: datetime.datetime | None, visible: bool
) -> None:
    with time_machine.travel(NOW, tick=False):
        article = make_article(status=status, published_at=published_at)
        assert article.is_published is visible
        assert Article.objects.published().filter(pk=article.pk).exists() is visible


def test_a_scheduled_article_appears_by_the_clock_alone() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        article = make_article(published_at=NOW + SECOND)
        visible = [article.is_published]
        clock.shift(SECOND)
        assert [*visible, article.is_published] == [False, True]
        assert list(Article.objects.published()) == [article]


class TestStoring:
    def test_makes_html_and_slug(self) -> None:
        article = make_article(title="Coming home", body="*Softly*")
        article.refresh_from_db()
        assert article.slug == "coming-home"
        assert article.body_html.strip() == "<p><em>Softly</em></p>"

    def test_keeps_the_slug_when_the_title_changes(self) -> None:
        article = make_article(title="Coming home")
        article.title = "Going out"
        article.store()
        assert article.slug == "coming-home"

    def test_dates_what_is_published_without_a_date(self) -> None:
        with time_machine.travel(NOW, tick=False):
            assert make_article(published_at=None).published_at == NOW

    def test_leaves_a_draft_undated(self) -> None:
        assert make_article(status=DRAFT, published_at=None).published_at is None

    def test_keeps_the_date_that_was_given(self) -> None:
        article = make_article(published_at=NOW)
        article.body = "Other words."
        article.store()
        assert article.published_at == NOW

    @pytest.mark.parametrize(
        ("changes", "is_newer"),
        [
            ({}, False),
            ({"summary": "Another"}, False),
            ({"comments_open": False}, False),
            ({"slug": "another"}, False),
            ({"title": "Another"}, True),
            ({"body": "Another"}, True),
        ],
    )
    def test_updated_at_follows_the_text_only(
        self, changes: dict[str, object], is_newer: bool
    ) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            article = make_article()
            clock.shift(SECOND)
            for name, value in changes.items():
                setattr(article, name, value)
            article.store()
        article.refresh_from_db()
        assert article.updated_at == (NOW + SECOND if is_newer else NOW)

    def test_html_is_made_again_from_the_present_body(self) -> None:
        article = make_article(body="Before")
        article.body = "After"
        article.store()
        article.refresh_from_db()
        assert "After" in article.body_html
        assert "Before" not in article.body_html


class TestCleaning:
    def test_publishing_without_a_date_is_valid(self) -> None:
        """The constraint on dates is checked with the form, before anything is stored."""
        article = Article(title="Now", slug="now", body="Text", status=PUBLISHED)
        article.full_clean(exclude=["body_html"])
        assert article.published_at is not None

    def test_a_draft_stays_undated(self) -> None:
        article = Article(title="Later", slug="later", body="Text")
        article.full_clean(exclude=["body_html"])
        assert article.published_at is None

    def test_another_articles_former_address_is_refused(self) -> None:
        OldSlug.objects.create(slug="taken", article=make_article(title="Its owner"))
        with pytest.raises(ValidationError, match="former address of “Its owner”"):
            Article(title="New", slug="taken", body="Text").full_clean(exclude=["body_html"])

    def test_its_own_former_address_is_not(self) -> None:
        article = make_article()
        OldSlug.objects.create(slug="mine", article=article)
        article.slug = "mine"
        article.full_clean(exclude=["body_html"])


class TestFormerAddresses:
    def test_a_published_article_keeps_its_old_address(self) -> None:
        article = make_article(slug="a")
        article.slug = "b"
        article.store()
        assert old_slugs(article) == {"a"}

    def test_so_does_one_that_was_taken_back_meanwhile(self, client: Client) -> None:
        article = make_article(slug="a")
        for changes in ({"status": DRAFT}, {"slug": "b"}, {"status": PUBLISHED}):
            for name, value in changes.items():
                setattr(article, name, value)
            article.store()
        assert client.get("/articles/a/")["Location"] == "/articles/b/"

    @pytest.mark.parametrize("days", [None, 1])
    def test_a_draft_that_was_never_shown_does_not(self, days: int | None) -> None:
        date = days and timezone.now() + datetime.timedelta(days=days)
        article = make_article(slug="a", status=DRAFT, published_at=date)
        article.slug = "b"
        article.store()
        assert not OldSlug.objects.exists()

    def test_nor_does_one_that_nobody_has_seen_yet(self) -> None:
        article = make_article(slug="a", published_at=timezone.now() + datetime.timedelta(days=1))
        article.slug = "b"
        article.store()
        assert not OldSlug.objects.exists()

    def test_a_chain_of_addresses_leads_to_the_last(self) -> None:
        article = make_article(slug="a")
        for slug in ("b", "c"):
            article.slug = slug
            article.store()
        assert old_slugs(article) == {"a", "b"}

    def test_going_back_leaves_only_the_other_one(self) -> None:
        article = make_article(slug="a")
        for slug in ("b", "a"):
            article.slug = slug
            article.store()
        assert article.slug == "a"
        assert old_slugs(article) == {"b"}

    def test_storing_without_a_change_leaves_none(self) -> None:
        make_article(slug="a").store()
        assert not OldSlug.objects.exists()


class TestFaqEntries:
    def test_anchor_comes_from_the_question(self) -> None:
        assert make_faq_entry(make_article(), question="How long?").anchor == "faq-how-long"

    def test_anchor_survives_a_reworded_question(self) -> None:
        entry = make_faq_entry(make_article(), question="How long?")
        entry.question = "For how many weeks?"
        entry.store()
        entry.refresh_from_db()
        assert entry.anchor == "faq-how-long"

    def test_anchors_differ_within_an_article(self) -> None:
        article = make_article()
        anchors = [
            make_faq_entry(article, question=text).anchor for text in ("Why?", "Why!", "why")
        ]
        assert anchors == ["faq-why", "faq-why-2", "faq-why-3"]

    def test_and_may_be_the_same_in_two(self) -> None:
        first, second = (make_faq_entry(make_article(), question="Why?") for _ in range(2))
        assert first.anchor == second.anchor

    def test_the_database_refuses_a_second_one(self) -> None:
        entry = make_faq_entry(make_article(), question="Why?")
        entry.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            entry.save()

    @pytest.mark.parametrize("question", ["🎉?", "क्यों?", "为什么" * 90, "w " * 150])
    def test_any_question_gets_an_anchor_that_fits(self, question: str) -> None:
        entry = make_faq_entry(make_article(), question=question)
        entry.full_clean()
        assert entry.anchor.startswith("faq-")
        assert not entry.anchor.endswith("-")

    def test_answer_is_rendered(self) -> None:
        assert (
            "<strong>Now</strong>" in make_faq_entry(make_article(), answer="**Now**").answer_html
        )

    def test_address_ends_in_the_anchor(self) -> None:
        entry = make_faq_entry(make_article(slug="a"), question="Why?")
        assert entry.get_absolute_url() == "/articles/a/#faq-why"

    def test_order_is_by_position(self) -> None:
        article = make_article()
        for position in (2, 0, 1):
            make_faq_entry(article, position=position, question=f"{position}?")
        assert [entry.position for entry in FaqEntry.objects.filter(article=article)] == [0, 1, 2]


class TestNeighbours:
    def test_articles_of_the_same_moment_have_an_order(self) -> None:
        first, second, third = (make_article(published_at=NOW) for _ in range(3))
        assert Article.objects.before(second).first() == first
        assert Article.objects.after(second).first() == third
        assert Article.objects.before(first).first() is None
        assert Article.objects.after(third).first() is None


class TestByline:
    def test_is_never_the_login_name(self) -> None:
        user = make_user()
        assert make_article(author=user).byline == ""

    def test_is_the_name_given_else_the_full_name(self) -> None:
        user = make_user(first_name="Ann", last_name="Lee")
        assert make_article(author=user).byline == "Ann Lee"
        assert make_article(author=user, author_name="A. L.").byline == "A. L."


def test_the_blog_has_a_name_before_anybody_gave_it_one() -> None:
    assert Blog.current().name == "Recovery"
    Blog(pk=1, name="Mine").save()
    assert Blog.current().name == "Mine"


def test_excerpt_is_the_summary_or_the_first_words() -> None:
    assert make_article(summary="Short.").excerpt == "Short."
    assert make_article(body="One **two** three.").excerpt == "One two three."
