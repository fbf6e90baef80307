"""Drafts among an article's questions: nobody reads them, no file touches them, none goes out unanswered."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from articles.importing import MarkdownImport
from articles.models import Article, FaqEntry
from tests.articles.test_admin import body, change_url, fields
from tests.builders import make_article, make_faq_entry

pytestmark = pytest.mark.django_db
Write = Callable[..., Path]


def typed(entry: FaqEntry, **changes: object) -> dict[str, object]:
    """Return an entry as the form would send it; a box that is not ticked is not sent."""
    values: dict[str, object] = {
        "id": entry.pk,
        "article": entry.article_id,
        "question": entry.question,
        "answer": entry.answer,
        "position": entry.position,
        "credit_name": entry.credit_name,
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def save(client: Client, article: Article, *entries: dict[str, object], **others: str):
    existing = sum("id" in entry for entry in entries)
    head = {"title": article.title, "slug": article.slug, "body": article.body}
    # The form brings along what it showed.
    shown = {
        f"initial-faq_entries-{number}-credit_name": name
        for number, name in enumerate(article.faq_entries.values_list("credit_name", flat=True))
    }
    data = fields(faq=list(entries), existing=existing, **head) | shown | others
    return client.post(change_url(article), data)


class TestReaders:
    def test_see_no_draft(self, client: Client, article: Article) -> None:
        shown = make_faq_entry(article, question="Shown?")
        draft = make_faq_entry(article, question="Not yet?", is_published=False, credit_name="Ann")

        page = body(client.get(article.get_absolute_url()))

        assert shown.anchor in page
        for part in ("Not yet?", draft.anchor, "Ann", draft.answer):
            assert part not in page, part

    def test_see_no_heading_over_drafts_alone(self, client: Client, article: Article) -> None:
        make_faq_entry(article, is_published=False)

        assert "Questions and answers" not in body(client.get(article.get_absolute_url()))

    def test_see_who_asked_escaped_and_without_a_link_that_leads_nowhere(
        self, client: Client, article: Article
    ) -> None:
        name = "<b>Ann</b>\u202e & “Bob”"
        make_faq_entry(article, credit_name=name, credit_anchor="comment-999")

        page = body(client.get(article.get_absolute_url()))

        assert "Asked by <bdi>&lt;b&gt;Ann&lt;/b&gt;\u202e &amp; “Bob”</bdi> ·" in page
        assert "comment-999" not in page

    def test_see_nobody_named_where_nobody_is(self, client: Client, article: Article) -> None:
        make_faq_entry(article)

        assert "Asked by" not in body(client.get(article.get_absolute_url()))


class TestAuthor:
    @pytest.fixture
    def draft(self, article: Article) -> FaqEntry:
        return make_faq_entry(
            article,
            question="How long?",
            answer="",
            is_published=False,
            credit_name="Ann",
            credit_anchor="comment-5",
        )

    def test_tells_drafts_from_the_others(self, admin_client: Client, draft: FaqEntry) -> None:
        shown = make_faq_entry(draft.article)

        page = body(admin_client.get(change_url(draft.article)))

        assert "Draft: How long?" in page
        assert f"Draft: {shown.question}" not in page
        assert f'"{shown.get_absolute_url()}"' in page
        assert f'"{draft.get_absolute_url()}"' not in page
        assert 'value="Ann"' in page

    @pytest.mark.parametrize("answer", ["", " \n "])
    def test_publishes_no_question_without_an_answer(
        self, admin_client: Client, draft: FaqEntry, answer: str
    ) -> None:
        entry = typed(draft, answer=answer, is_published="on")

        response = save(admin_client, draft.article, entry)

        assert response.status_code == 200
        assert "Readers see no question without its answer" in body(response)
        draft.refresh_from_db()
        assert not draft.is_published

    def test_keeps_a_draft_without_an_answer(self, admin_client: Client, draft: FaqEntry) -> None:
        assert (
            save(admin_client, draft.article, typed(draft, question="Edited?")).status_code == 302
        )

        draft.refresh_from_db()
        assert (draft.question, draft.answer, draft.is_published) == ("Edited?", "", False)
        assert draft.credit_anchor == "comment-5"

    def test_answers_publishes_and_names_nobody(
        self, admin_client: Client, client: Client, draft: FaqEntry
    ) -> None:
        entry = typed(draft, answer="A **year**.", is_published="on", credit_name="")

        assert save(admin_client, draft.article, entry).status_code == 302

        draft.refresh_from_db()
        assert "<strong>year</strong>" in draft.answer_html
        assert (draft.credit_name, draft.anchor) == ("", "faq-how-long")
        Article.objects.update(status="published", published_at="2026-01-01T00:00Z")
        page = body(client.get(draft.article.get_absolute_url()))
        assert "How long?" in page
        assert "Asked by" not in page

    def test_saving_an_old_form_brings_no_erased_name_back(
        self, admin_client: Client, draft: FaqEntry
    ) -> None:
        page = body(admin_client.get(change_url(draft.article)))
        assert 'name="initial-faq_entries-0-credit_name" value="Ann"' in page
        stale = typed(draft, question="Edited?")
        initial = {"initial-faq_entries-0-credit_name": "Ann"}
        FaqEntry.objects.update(credit_name="", credit_anchor="")

        assert save(admin_client, draft.article, stale, **initial).status_code == 302

        draft.refresh_from_db()
        assert (draft.question, draft.credit_name) == ("Edited?", "")

    def test_new_entries_are_published_unless_unticked(self, admin_client: Client) -> None:
        page = body(admin_client.get(reverse("admin:articles_article_add")))

        assert re.search(r'<input[^>]* name="faq_entries-0-is_published"[^>]* checked', page)

    def test_an_unanswered_entry_is_refused_by_the_model_too(self, article: Article) -> None:
        with pytest.raises(ValidationError, match="Readers see no question"):
            FaqEntry(article=article, question="Why?", answer="", anchor="x").clean()


class TestImporting:
    FILE = "title: A\nslug: a\nfaq:\n- {question: 'Why?', answer: So.}"

    def result(self, path: Path) -> str:
        [report] = MarkdownImport().run([path])
        return report.result.value

    @pytest.fixture
    def path(self, write: Write) -> Path:
        path = write("a.md", self.FILE)
        assert self.result(path) == "added"
        return path

    def test_leaves_drafts_alone(self, path: Path) -> None:
        article = Article.objects.get()
        values = {"is_published": False, "credit_anchor": "comment-5"}
        drafts = [
            make_faq_entry(article, question="How?", **values),
            make_faq_entry(article, question="Why?", **values),
            make_faq_entry(article, question="Mine?", is_published=False),
        ]
        before = list(FaqEntry.objects.filter(pk__in=[draft.pk for draft in drafts]).values())

        assert self.result(path) == "unchanged"

        assert list(FaqEntry.objects.exclude(is_published=True).values()) == before
        assert article.faq_entries.published().get().answer == "So."

    def test_does_not_publish_a_draft_by_asking_the_same(self, write: Write) -> None:
        draft = make_faq_entry(make_article(slug="a"), question="Why?", is_published=False)

        assert self.result(write("a.md", self.FILE)) == "updated"

        draft.refresh_from_db()
        assert not draft.is_published
        shown = FaqEntry.objects.published().get()
        assert (shown.question, shown.anchor) == ("Why?", "faq-why-2")

    def test_keeps_what_a_reader_asked(self, path: Path) -> None:
        article = Article.objects.get()
        asked = make_faq_entry(article, question="How?", credit_anchor="comment-5")
        typed_here = make_faq_entry(article, question="Typed here?")

        assert self.result(path) == "updated"

        assert FaqEntry.objects.filter(pk=asked.pk).exists()
        assert not FaqEntry.objects.filter(pk=typed_here.pk).exists()
        assert self.result(path) == "unchanged"

    def test_updates_what_a_reader_asked_where_the_file_asks_it_too(self, write: Write) -> None:
        entry = make_faq_entry(
            make_article(slug="a"), question="Why?", credit_name="Ann", credit_anchor="comment-5"
        )

        self.result(write("a.md", self.FILE))

        entry.refresh_from_db()
        assert (entry.answer, entry.credit_name) == ("So.", "Ann")
        assert FaqEntry.objects.count() == 1
