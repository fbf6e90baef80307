"""Rendering happens while nobody waits for the database, and only for a text that is new.

SQLite has one writer: a transaction that is open while a long text is rendered stops everybody else.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from articles import faq, models
from articles.importing import MarkdownImport, Result
from articles.models import Article
from recovery import demo
from tests.articles.test_admin import ADD, LIST, change_url, fields
from tests.builders import make_article, make_faq_entry, make_user

WITH_FAQ = "title: On rest\nfaq:\n- {question: 'Why?', answer: So.}"


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is rendered from now on, each outside any transaction."""
    texts: list[str] = []

    def watched(render: Callable[..., object]) -> Callable[..., object]:
        def watching(text: str, **options: str) -> object:
            assert not connection.in_atomic_block
            texts.append(text)
            return render(text, **options)

        return watching

    for module, name in ((models, "render_article"), (faq, "render_answer")):
        monkeypatch.setattr(module, name, watched(getattr(module, name)))
    return texts


@pytest.fixture
def admin(transactional_db: None) -> Client:
    client = Client()
    client.force_login(make_user(is_superuser=True))
    return client


@pytest.mark.django_db(transaction=True)
class TestOutsideTransactions:
    def test_storing(self, rendered: list[str]) -> None:
        make_faq_entry(make_article(body="Text."), answer="So.")
        assert rendered == ["Text.", "So."]

    def test_the_form(self, admin: Client, rendered: list[str]) -> None:
        faq: list[dict[str, object]] = [{"question": "Why?", "answer": "So.", "position": ""}]
        assert admin.post(ADD, fields(faq=faq)).status_code == 302
        assert rendered == ["A *body*.", "So."]
        assert "<em>body</em>" in Article.objects.get().body_html
        assert "So." in Article.objects.get().faq_entries.get().answer_html

    def test_importing(self, write: Callable[..., Path], rendered: list[str]) -> None:
        assert MarkdownImport().import_file(write("a.md", WITH_FAQ)).result is Result.ADDED
        assert rendered == ["Text.", "So."]

    def test_the_demo(self, rendered: list[str]) -> None:
        assert demo.load()
        assert len(rendered) == 5


@pytest.mark.django_db(transaction=True)
class TestOnlyWhatIsNew:
    @pytest.fixture
    def article(self) -> Article:
        article = make_article(slug="rest", title="On rest", body="Text.")
        make_faq_entry(article, question="Why?", answer="So.")
        return article

    @pytest.fixture
    def since(self, article: Article, rendered: list[str]) -> list[str]:
        """What is rendered once the article is there."""
        rendered.clear()
        return rendered

    def test_storing(self, article: Article, since: list[str]) -> None:
        article.title = "Another"
        article.store()
        article.faq_entries.get().store()
        assert since == []

    def test_html_that_is_missing_is_made(self, article: Article, since: list[str]) -> None:
        Article.objects.update(body_html="")
        article.faq_entries.update(answer_html="")
        article.store()
        article.faq_entries.get().store()
        assert since == ["Text.", "So."]

    @pytest.mark.parametrize("action", ["publish", "make_draft"])
    def test_the_list(self, admin: Client, article: Article, since: list[str], action: str) -> None:
        Article.objects.update(status="draft" if action == "publish" else "published")
        data = {"action": action, "index": "0", "_selected_action": [article.pk]}
        admin.post(LIST, data)
        article.refresh_from_db()
        assert article.is_published is (action == "publish")
        assert since == []
        assert "Text." in article.body_html

    def test_the_form(self, admin: Client, article: Article, since: list[str]) -> None:
        entry = article.faq_entries.get()
        faq: list[dict[str, object]] = [
            {"id": entry.pk, "article": article.pk, "question": "Why so?", "answer": "So."}
        ]
        data = fields(faq=faq, existing=1, title="Another", body="Text.", slug="rest")
        assert admin.post(change_url(article), data).status_code == 302
        assert since == []
        assert article.faq_entries.get().question == "Why so?"

    def test_importing(
        self, article: Article, since: list[str], write: Callable[..., Path]
    ) -> None:
        path = write("rest.md", WITH_FAQ.replace("On rest", "Another"))
        assert MarkdownImport().import_file(path).result is Result.UPDATED
        assert since == []


@pytest.mark.django_db(transaction=True)
def test_the_form_writes_all_or_nothing(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(entry: models.FaqEntry) -> None:
        raise RuntimeError

    monkeypatch.setattr(models.FaqEntry, "save", fail)
    with pytest.raises(RuntimeError):
        admin.post(ADD, fields(faq=[{"question": "Why?", "answer": "So."}]))
    assert not Article.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_form_still_asks_for_the_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(is_superuser=True))
    assert client.post(reverse("admin:articles_article_add"), fields()).status_code == 403


def test_two_new_questions_of_one_form_get_two_anchors(admin_client: Client) -> None:
    faq: list[dict[str, object]] = [{"question": "Why?", "answer": str(n)} for n in range(2)]
    admin_client.post(ADD, fields(faq=faq))
    entries = Article.objects.get().faq_entries
    assert set(entries.values_list("anchor", flat=True)) == {"faq-why", "faq-why-2"}


def test_a_new_question_takes_the_anchor_of_one_deleted_with_it(
    admin_client: Client, article: Article
) -> None:
    old = make_faq_entry(article, question="Why?")
    faq: list[dict[str, object]] = [
        {"id": old.pk, "article": article.pk, "question": "x", "answer": "x", "DELETE": "on"},
        {"article": article.pk, "question": "Why", "answer": "New."},
    ]
    data = fields(faq=faq, existing=1, title=article.title, slug=article.slug)
    admin_client.post(change_url(article), data)
    assert [(e.question, e.anchor) for e in article.faq_entries.all()] == [("Why", "faq-why")]
