"""The demo: an article about recovery, and another blog that answers it."""

import datetime
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from articles.front_matter import Post, parse
from articles.models import Article
from comments.linkbacks.models import Linkback
from comments.models import Comment, Kind, ModerationEvent, Status, conversation
from recovery import demo
from tests.builders import make_article


@pytest.fixture(scope="module")
def post() -> Post:
    return parse(demo.ARTICLE.read_bytes(), datetime.UTC)


def section(body: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", body, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


class TestText:
    def test_length(self, post: Post) -> None:
        words = re.findall(r"[\w’'-]+", post.body)
        assert 800 <= len(words) <= 1000

    def test_title_and_remarks(self, post: Post) -> None:
        assert post.title == "Recovery from Disconnection"
        assert post.remarks == ()
        assert post.date is None  # dated when it is loaded, so that it is never in the future

    @pytest.mark.parametrize("heading", ["Internal causes", "External causes"])
    def test_three_numbered_causes_each(self, post: Post, heading: str) -> None:
        numbers = re.findall(r"^(\d)\. ", section(post.body, heading), re.MULTILINE)
        assert numbers == ["1", "2", "3"]

    def test_six_numbered_strategies_with_a_paragraph_each(self, post: Post) -> None:
        headings = re.findall(r"^## (\d\. .+)$", post.body, re.MULTILINE)
        assert [heading[0] for heading in headings] == list("123456")
        for heading in headings:
            paragraphs = section(post.body, heading).strip().split("\n\n")
            assert len(paragraphs) == 1
            assert len(paragraphs[0].split()) > 30

    def test_introduction_support_and_closing(self, post: Post) -> None:
        assert len(post.body.partition("\n# ")[0].split()) > 50
        assert re.findall(r"^# (.+)$", post.body, re.MULTILINE) == [
            *("Causes", "Six strategies", "Seeking support", "The way back")
        ]

    def test_four_questions(self, post: Post) -> None:
        assert post.faq is not None
        assert len(post.faq) == 4
        assert all(question.question.endswith("?") for question in post.faq)


@pytest.mark.django_db
class TestLoading:
    def test_writes_an_article_and_an_approved_pingback(self) -> None:
        assert demo.load() == Article.objects.get()
        comment = Comment.objects.get()
        assert (comment.kind, comment.status) == (Kind.PINGBACK, Status.APPROVED)
        linkback = Linkback.objects.get()
        assert (linkback.comment, linkback.state) == (comment, Linkback.State.VERIFIED)
        assert re.match(r"https://[a-z.-]+\.example/", linkback.source_url)
        assert linkback.target_url.endswith("/articles/recovery-from-disconnection/")
        assert linkback.evidence["link_text"] in comment.text
        event = ModerationEvent.objects.get()
        assert (event.comment, event.to_status) == (comment, Status.APPROVED)

    def test_the_response_takes_its_place(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            conversation.Comment, "take_place", lambda comment: taken.append(comment)
        )
        taken: list[Comment] = []
        demo.load()
        assert taken == [Comment.objects.get()]

    def test_happens_once(self) -> None:
        out = StringIO()
        call_command("load_demo", stdout=out)
        assert "/articles/recovery-from-disconnection/" in out.getvalue()
        again = StringIO()
        call_command("load_demo", stdout=again)
        assert again.getvalue() == ""
        assert (Article.objects.count(), Comment.objects.count(), Linkback.objects.count()) == (
            1,
            1,
            1,
        )

    def test_leaves_a_site_alone_that_has_an_article(self) -> None:
        make_article(status=Article.Status.DRAFT)
        assert demo.load() is None
        assert Article.objects.count() == 1
        assert not Comment.objects.exists()

    def test_happens_wholly_or_not_at_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(article: Article) -> None:
            raise RuntimeError

        monkeypatch.setattr(demo, "_add_pingback", fail)
        with pytest.raises(RuntimeError):
            demo.load()
        assert not Article.objects.exists()


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def page(self, client: Client) -> str:
        demo.load()
        response = client.get("/articles/recovery-from-disconnection/")
        assert response.status_code == 200
        return response.content.decode()

    def test_shows_the_response(self, page: str) -> None:
        assert "One response to “Recovery from Disconnection”" in page
        assert f"[…] {demo.EXCERPT} […]" in page.replace("&#x27;", "'")
        assert demo.SOURCE_TITLE in page
        assert f'href="{demo.SOURCE_URL}"' in page

    def test_shows_the_article(self, page: str) -> None:
        assert len(re.findall(r"<h1\b", page)) == 1
        assert len(re.findall(r"<ol>\s*<li>", page.partition('id="responses"')[0])) == 2
        for heading in ("Internal causes", "External causes"):
            assert re.search(rf"<h3[^>]*>{heading}</h3>", page)
        for number in range(1, 7):
            assert re.search(rf"<h3[^>]*>{number}\. ", page)
        for heading in ("Causes", "Seeking support", "The way back"):
            assert re.search(rf"<h2[^>]*>{heading}</h2>", page)

    def test_shows_the_questions(self, page: str) -> None:
        assert len(re.findall(r'id="faq-[^"]+"', page)) == 4

    def test_is_on_the_front_page(self, page: str, client: Client) -> None:
        front = client.get("/").content.decode()
        assert "Recovery from Disconnection" in front
        assert "Why we lose touch" in front
