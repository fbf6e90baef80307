"""Every template compiles, names what exists, and makes pages that hold together."""

import gzip
import re
from collections import Counter
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.urls import reverse

from comments import tokens
from comments.models import Status
from tests.builders import make_article, make_comment, make_faq_entry, make_pingback, make_user

FOLDER = settings.BASE_DIR / "templates"
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file())
PAGES = [
    name
    for name in TEMPLATES
    if name.endswith(".html") and not name.startswith(("admin/", "emails/"))
]
CSS = Path(settings.BASE_DIR / "static/css/site.css")
JS = Path(settings.BASE_DIR / "static/js/comments.js")
VOID = {"meta", "link", "input", "br", "hr", "img", "circle"}


class Page(HTMLParser):
    """What the tests ask of a page; complains of tags that do not close as they opened."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.depth: dict[str, int] = {}
        self.feed(markup)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "li" and (dict(attrs).get("id") or "").startswith("comment-"):
            self.depth[str(dict(attrs)["id"])] = self.open.count("ol")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def values(self, *names: str) -> list[str]:
        """Return every value, word by word, of these attributes."""
        return [
            word
            for _, attrs in self.tags
            for name in names
            for word in (attrs.get(name) or "").split()
        ]

    def by_id(self, wanted: str) -> dict[str, str | None]:
        return next(attrs for _, attrs in self.tags if attrs.get("id") == wanted)


def page(response) -> Page:
    """Return the parsed page, after the checks that every page must pass."""
    parsed = Page(response.content.decode())
    ids = parsed.values("id")
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert set(parsed.values("aria-describedby", "aria-labelledby", "for")) <= set(ids)
    # HTML takes whole seconds or thousandths, and Python reads whatever HTML takes.
    assert all(
        datetime.fromisoformat(moment).microsecond == 0 for moment in parsed.values("datetime")
    )
    headings = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch("h[1-6]", tag)]
    assert headings.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(headings))
    assert not [
        attrs
        for tag, attrs in parsed.tags
        if tag == "style" or "style" in attrs or "onclick" in attrs
    ]
    return parsed


@pytest.fixture
def thread(article):
    """Seven replies, each to the one before."""
    parent, comments = None, []
    for number in range(7):
        parent = make_comment(
            article, status=Status.APPROVED, parent=parent, author_name=f"Name {number}"
        )
        comments.append(parent)
    return comments


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name):
    get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_every_static_file_named_in_a_template_exists(name):
    text = (FOLDER / name).read_text()
    named = re.findall(r"""{%\s*static\s+['"]([^'"]+)""", text)
    assert [path for path in named if not finders.find(path)] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_template_holds_inline_code_or_asks_another_site_for_anything(name):
    text = (FOLDER / name).read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"""(?:src|<link[^>]*href)=["'](?:https?:)?//""", text)


def test_style_and_script_stay_within_their_budgets():
    assert len(gzip.compress(CSS.read_bytes())) <= 6_000
    assert len(gzip.compress(JS.read_bytes())) <= 2_500
    assert "url(" not in CSS.read_text(encoding="utf-8")
    assert "cookie =" not in JS.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_no_context(name):
    assert "<h1" in get_template(f"{name}.html").render()


def test_index_when_nothing_is_published(client, db):
    response = client.get("/")
    page(response)
    assert "The first article is still being written" in response.content.decode()


def test_index_links_its_pages(client, db):
    for _ in range(11):
        make_article()
    first, second = client.get("/"), client.get("/?page=2")
    assert "?page=2" in page(first).values("href")
    assert page(second).values("rel").count("prev") == 1
    assert "next" not in page(second).values("rel")


def test_page_of_feeds(client, db):
    parsed = page(client.get("/subscribe/"))
    assert "alternate" in parsed.values("rel")


def test_article_page_with_everything(client, article, thread):
    entry = make_faq_entry(article, question="Why?")
    make_pingback(article, status=Status.APPROVED, author_name="A page")
    parsed = page(client.get(article.get_absolute_url()))
    assert parsed.by_id(entry.anchor) == {"id": entry.anchor}
    assert "pingback" in parsed.values("rel")


@pytest.mark.parametrize(
    ("count", "words"), [(1, "One response to “T &amp; Q”"), (2, "2 responses to “T &amp; Q”")]
)
def test_heading_counts_the_responses(client, db, count, words):
    article = make_article(title="T & Q")
    for _ in range(count):
        make_comment(article, status=Status.APPROVED)
    assert f">{words}</h2>" in client.get(article.get_absolute_url()).content.decode()


def test_replies_are_nested_to_the_fifth_level_and_then_name_whom_they_answer(
    client, article, thread
):
    response = client.get(article.get_absolute_url())
    assert list(page(response).depth.values()) == [1, 2, 3, 4, 5, 5, 5]
    markup = response.content.decode()
    assert markup.count("in reply to") == 4
    assert markup.count('class="to narrow"') == 2, "the indent says it, but for narrow screens"
    assert f'in reply to <a href="#comment-{thread[4].pk}" dir="auto">Name 4</a>' in markup


def test_two_threads_close_their_lists(client, article, thread):
    last = make_comment(article, status=Status.APPROVED)
    answer = make_comment(article, status=Status.APPROVED, parent=thread[0])
    depth = page(client.get(article.get_absolute_url())).depth
    assert (depth[f"comment-{last.pk}"], depth[f"comment-{answer.pk}"]) == (1, 2)


def test_what_readers_typed_is_escaped_and_taken_as_it_is(client, article):
    make_comment(
        article,
        status=Status.APPROVED,
        author_name='<b>"%(pk)s" & 100 %',
        text="50 % of %(name)s <i>",
    )
    markup = client.get(article.get_absolute_url()).content.decode()
    assert "&lt;b&gt;&quot;%(pk)s&quot; &amp; 100 %" in markup
    assert "<p>50 % of %(name)s &lt;i&gt;</p>" in markup


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//example.org", ""]
)
def test_only_web_addresses_are_linked(client, article, address):
    make_comment(article, status=Status.APPROVED, author_name="Zed", author_url=address)
    make_pingback(
        article, status=Status.APPROVED, source_url="https://ok.example/", author_url=address
    )
    parsed = page(client.get(article.get_absolute_url()))
    assert "external" not in parsed.values("rel")


def test_a_linked_name_carries_its_relations(client, article):
    make_comment(article, status=Status.APPROVED, author_url="https://zed.example/?a=1&b=2")
    parsed = page(client.get(article.get_absolute_url()))
    link = next(
        attrs for _, attrs in parsed.tags if attrs.get("href") == "https://zed.example/?a=1&b=2"
    )
    assert link["rel"] == "nofollow ugc noopener external"


def test_pingback_shows_page_kind_and_words(client, article):
    make_pingback(article, status=Status.APPROVED, author_name="A & B", text="words <around> it")
    markup = client.get(article.get_absolute_url()).content.decode()
    assert "A &amp; B</a>" in markup
    assert ">Pingback</span>" in markup
    assert "[…] words &lt;around&gt; it […]</a>" in markup
    assert "?reply=" not in markup


def test_the_author_is_marked_and_nobody_else(client, db):
    author = make_user(first_name="Ann", last_name="Okafor")
    article = make_article(author=author)
    make_comment(article, status=Status.APPROVED, user=author)
    make_comment(article, status=Status.APPROVED, user=make_user())
    make_comment(make_article(), status=Status.APPROVED)
    assert client.get(article.get_absolute_url()).content.decode().count(">Author</span>") == 1


def test_an_article_without_an_author_marks_nobody(client, approved_comment):
    assert (
        ">Author<" not in client.get(approved_comment.article.get_absolute_url()).content.decode()
    )


def test_no_reply_links_and_no_form_when_closed(client, db):
    article = make_article(comments_open=False)
    make_comment(article, status=Status.APPROVED)
    response = client.get(article.get_absolute_url())
    page(response)
    assert "Comments are closed." in response.content.decode()
    assert "?reply=" not in response.content.decode()
    assert 'id="commentform"' not in response.content.decode()


def test_reply_link_leads_to_a_form_that_names_whom_it_answers(client, approved_comment):
    url = approved_comment.article.get_absolute_url()
    response = client.get(f"{url}?reply={approved_comment.pk}")
    assert page(response).by_id("id_parent")["value"] == str(approved_comment.pk)
    assert f"Reply to {approved_comment.author_name}</span>" in response.content.decode()
    assert "hidden" not in page(response).by_id("cancel-reply")


def test_the_ready_form_is_what_crispy_makes_of_the_blank_one(client, article):
    ready = page(client.get(article.get_absolute_url())).tags
    client.cookies[settings.SESSION_COOKIE_NAME] = "no-such-session"
    made = page(client.get(article.get_absolute_url())).tags

    def form(tags):
        own = [
            (tag, {name: value for name, value in attrs.items() if value != ""})
            for tag, attrs in tags
            if attrs.get("name") not in ("csrfmiddlewaretoken", "token")
        ]
        return own[[tag for tag, _ in own].index("form") :]

    assert form(ready) == form(made)
    assert form(ready)[0][1]["action"] == reverse("reply", args=[article.slug])


def test_anonymous_page_sets_no_cookie_and_carries_no_csrf_field(client, article):
    response = client.get(article.get_absolute_url())
    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.content.decode()


def test_signed_in_form_has_its_csrf_field_and_no_email_note(client, article):
    client.force_login(make_user(first_name="Ann", last_name="Okafor"))
    response = client.get(article.get_absolute_url())
    page(response)
    assert "Signed in as Ann Okafor." in response.content.decode()
    assert response.content.decode().count("csrfmiddlewaretoken") == 1
    assert "Your email address" not in response.content.decode()


def test_errors_are_listed_linked_and_described(client, article):
    token = page(client.get(article.get_absolute_url())).by_id("id_token")["value"]
    typed = {
        "comment": "\n\n  two lines first",
        "email": "nonsense",
        "url": "java script",
        "token": token,
    }
    response = client.post(reverse("reply", args=[article.slug]), typed)
    parsed = page(response)
    summary = parsed.by_id("errors")
    # Focused, so no alert besides: it would be read twice.
    assert {"autofocus", "tabindex"} <= set(summary)
    assert (summary["role"], summary["aria-labelledby"]) == ("group", "errors-title")
    assert "alert" not in parsed.values("role")
    assert {"#id_author", "#id_email", "#id_url"} <= set(parsed.values("href"))
    assert parsed.by_id("id_email")["aria-describedby"] == "email-notes id_email_error"
    assert parsed.by_id("id_author")["aria-describedby"] == "id_author_error"
    assert parsed.by_id("id_comment")["aria-describedby"] == "markdown-notes"
    assert parsed.by_id("id_email")["aria-invalid"] == "true"
    # HTML drops the first line break after <textarea>: one more must be there.
    assert ">\n\n\n  two lines first</textarea>" in response.content.decode()
    assert "please check 3 things" in response.content.decode()


def test_errors_of_hidden_fields_are_listed_without_a_link(client, article):
    typed = {"comment": "x", "author": "A", "email": "a@example.org", "parent": "1\x002"}
    typed["token"] = tokens.issue(article)
    response = client.post(reverse("reply", args=[article.slug]), typed)
    page(response)
    markup = response.content.decode()
    assert "please check one thing" in markup
    listed = re.search(r'id="errors".*?<ul>(.*?)</ul>', markup, re.DOTALL)
    assert listed
    assert listed[1].strip() == "<li>Null characters are not allowed.</li>"


@pytest.mark.parametrize("signed_in", [False, True])
def test_what_was_typed_can_be_copied_when_comments_have_closed(client, db, signed_in):
    article = make_article(comments_open=False)
    if signed_in:
        client.force_login(make_user())
    text = "\n\n  All of <it> & </textarea>\r\n{{ 100 % }}\n\tπ\n"
    typed = {"author": "Ann", "email": "ann@example.org", "token": tokens.issue(article)}
    response = client.post(reverse("reply", args=[article.slug]), {**typed, "comment": text})
    parsed, markup = page(response), response.content.decode()
    assert response.status_code == 403
    assert "readonly" in parsed.by_id("id_comment")
    shown = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", markup, re.DOTALL)
    assert shown
    assert unescape(shown[1]) == text
    assert {"autofocus", "tabindex"} <= set(parsed.by_id("errors"))
    assert 'id="commentform"' not in markup


def test_nothing_is_kept_of_a_page_that_was_only_read_when_closed(client, db):
    markup = client.get(make_article(comments_open=False).get_absolute_url()).content.decode()
    assert "<textarea" not in markup
    assert 'id="errors"' not in markup


def test_remembering_is_hidden_until_the_script_shows_it(client, article):
    parsed = page(client.get(article.get_absolute_url()))
    assert "hidden" in next(
        attrs for _, attrs in parsed.tags if attrs.get("class") == "field remember"
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.PENDING, "Your comment is awaiting moderation."),
        (Status.SPAM, "Our filter took it for spam"),
        (Status.APPROVED, "Your comment has been published"),
        (Status.TRASH, "Your comment was not published."),
    ],
)
def test_private_page_says_what_became_of_the_comment(client, article, status, words):
    comment = make_comment(article, status=status, address="marker@example.org")
    response = client.get(reverse("your_comment", args=[comment.private_key]))
    parsed = page(response)
    assert words in response.content.decode()
    assert comment.private_key in parsed.values("data-comment-key")
    assert "marker@" not in response.content.decode()


def test_draft_says_so(client, db):
    draft = make_article(status="draft", published_at=None)
    client.force_login(make_user(is_superuser=True))
    assert "Draft." in client.get(draft.get_absolute_url()).content.decode()
