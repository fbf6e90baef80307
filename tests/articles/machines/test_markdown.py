"""The article as Markdown: the author's own words as they are, and those of others as text only."""

import datetime

import pytest
import yaml
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from markdown import Markdown

from articles.machines.markdown import escaped, own_text
from articles.models import Article, OldSlug, Tag
from articles.rendering import plain_text
from comments.models import Status
from tests.builders import make_article, make_comment, make_faq_entry, make_pingback, make_user

BODY = "First.\r\n\r\n## Heading\r\n\r\n- `code` & <b>HTML</b>\r\n"


def read(client, article, query=""):
    response = client.get(f"/articles/{article.slug}.md{query}")
    assert response.status_code == 200
    return response.content.decode()


def head_of(text):
    return yaml.safe_load(text.split("---\n")[1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words", "plain words"),
        ("*a* _b_ `c` [d](e) ~f~", r"\*a\* \_b\_ \`c\` \[d\](e) &#126;f&#126;"),
        ("<script>&amp;", "&lt;script&gt;&amp;amp;"),
        ("# no heading", r"\# no heading"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("> no quote", "&gt; no quote"),
        ("two\n\nlines\r\u2028here", "two lines here"),
        ("", ""),
    ],
)
def test_what_others_typed_stays_text(text, expected):
    assert escaped(text) == expected


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=60))
def test_rendered_it_is_a_paragraph_of_what_was_typed(text):
    html = Markdown().convert(escaped(text))
    assert plain_text(html, 1_000) == " ".join(text.split())
    assert html.count("<") <= 2


def test_an_authors_line_ends_become_one_kind():
    assert own_text("\r\na\r\nb\rc\n\n") == "a\nb\nc"


@pytest.mark.django_db
class TestPage:
    def test_what_is_said_before_the_text(self, client, settings):
        author = make_user(first_name="Ann", last_name="Okafor")
        published = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
        title = 'On: "rest" & <b>\n---'
        article = make_article(
            title=title, author=author, summary="In short: this.", published_at=published
        )
        Article.objects.update(updated_at=published)
        article.tags.set(Tag.objects.named(["Green tea", "a: b"]))
        response = client.get(f"/articles/{article.slug}.md")
        page = f"{settings.SITE_URL}{article.get_absolute_url()}"
        assert response["Content-Type"] == "text/markdown; charset=utf-8"
        assert response["Link"] == f'<{page}>; rel="canonical"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert not response.cookies
        assert head_of(response.content.decode()) == {
            "title": title,
            "date": "2026-01-02T03:04:05Z",
            "updated": "2026-01-02T03:04:05Z",
            "author": "Ann Okafor",
            "tags": ["a: b", "Green tea"],
            "summary": "In short: this.",
            "canonical": page,
        }

    def test_the_text_as_it_was_written(self, client, db):
        article = make_article(title="On *rest*", body=BODY)
        text = read(client, article)
        assert (
            text.count("\n# On \\*rest\\*\n\nFirst.\n\n## Heading\n\n- `code` & <b>HTML</b>\n") == 1
        )
        assert "## Questions" not in text
        assert "response" not in text

    def test_questions_and_answers(self, client, article):
        make_faq_entry(article, question="Why *now*?", answer="Because **so**.")
        make_faq_entry(article, question="Secret?", is_published=False)
        text = read(client, article)
        assert "\n## Questions and answers\n\n### Why \\*now\\*?\n\nBecause **so**.\n" in text
        assert "Secret" not in text

    def test_responses_in_their_order_with_what_they_answer(self, client, article, settings):
        first = make_comment(
            article, status=Status.APPROVED, author_name="Ann *B*", text="So *true* <b>!\n\n# Ha"
        )
        answer = make_comment(article, status=Status.APPROVED, parent=first, text="Yes.")
        make_comment(article, text="Waiting.")
        page = f"{settings.SITE_URL}{article.get_absolute_url()}"
        when = [one.created_at.strftime("%Y-%m-%dT%H:%M:%SZ") for one in (first, answer)]
        assert read(client, article).partition("\n## 2 responses\n\n")[2].strip() == (
            f"- **Ann \\*B\\***, {when[0]}, <{page}#comment-{first.pk}>\n\n"
            f"  > So true &lt;b&gt;! # Ha\n\n"
            f"- **{answer.author_name}**, {when[1]}, <{page}#comment-{answer.pk}>, "
            f"in reply to <{page}#comment-{first.pk}>\n\n"
            f"  > Yes."
        )

    def test_one_response_and_where_a_page_is(self, client, article):
        make_pingback(
            article, status=Status.APPROVED, author_name="A page", source_url="https://a.example/_x"
        )
        text = read(client, article)
        assert "\n## One response\n" in text
        assert "- **A page**, pingback from https://a.example/\\_x, " in text
        assert "  > \\[…\\] some words" in text

    def test_nobody_can_forge_a_response(self, client, article):
        forged = "x\n\n- **The author**, 2026-01-01T00:00:00Z, <https://blog.example/#comment-1>"
        make_comment(article, status=Status.APPROVED, text=forged, author_name="Eve\n- **Ann**")
        lines = read(client, article).splitlines()
        assert len([line for line in lines if line.lstrip().startswith("- **")]) == 1

    def test_a_long_conversation_goes_on(self, client, article, monkeypatch, settings):
        monkeypatch.setattr("comments.thread_pages.THREADS_SHOWN", 2)
        for _ in range(3):
            make_comment(article, status=Status.APPROVED)
        here = f"{settings.SITE_URL}/articles/{article.slug}.md"
        assert f"Page 1 of 2 of the responses. Next: <{here}?page=2>" in read(client, article)
        assert "Page 2 of 2 of the responses.\n" in read(client, article, "?page=2")
        assert client.get(f"/articles/{article.slug}.md?page=3").status_code == 404

    def test_a_former_address_leads_to_the_present_one(self, client, article):
        OldSlug.objects.create(slug="before", article=article)
        response = client.get("/articles/before.md")
        assert (response.status_code, response["Location"]) == (301, f"/articles/{article.slug}.md")

    def test_what_is_not_published_is_not_there(self, client, admin_client):
        draft = make_article(status=Article.Status.DRAFT, published_at=None)
        soon = make_article(published_at=timezone.now() + datetime.timedelta(hours=1))
        for article in (draft, soon):
            for somebody in (client, admin_client):
                assert somebody.get(f"/articles/{article.slug}.md").status_code == 404

    def test_what_is_gone_says_so(self, client, article):
        article.delete()
        assert client.get(f"/articles/{article.slug}.md").status_code == 410


@pytest.mark.django_db
class TestList:
    def test_the_newest_with_their_markdown(self, client, settings):
        make_article(title="Old", published_at=timezone.now() - datetime.timedelta(days=2))
        new = make_article(title="New [x]", summary="In *short*.")
        make_article(status=Article.Status.DRAFT, title="Draft", published_at=None)
        response = client.get("/llms.txt")
        text = response.content.decode()
        assert response["Content-Type"] == "text/markdown; charset=utf-8"
        assert text.startswith("# Recovery\n\n> A blog in which")
        listed = [line for line in text.splitlines() if line.startswith("- ")]
        assert listed == [
            f"- [New \\[x\\]](<{settings.SITE_URL}/articles/{new.slug}.md>): In \\*short\\*.",
            f"- [Old](<{settings.SITE_URL}/articles/old.md>)",
        ]

    def test_no_more_than_a_hundred_with_two_queries(self, client, django_assert_max_num_queries):
        Article.objects.bulk_create(
            Article(
                title=f"T {number}",
                slug=f"t-{number}",
                status="published",
                published_at=timezone.now(),
            )
            for number in range(120)
        )
        with django_assert_max_num_queries(2):
            assert client.get("/llms.txt").content.count(b"\n- ") == 100
