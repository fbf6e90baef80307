"""Nothing that strangers write is ever run: tried in a real browser, without the CSP's help."""

import html
import re

import pytest
from django.db import transaction

from comments.linkbacks import checking
from comments.linkbacks.fetching import Headers
from comments.linkbacks.fetching import Page as FetchedPage
from comments.linkbacks.models import Linkback, page_digest
from comments.models import Comment, Kind, Status
from tests.browser.payloads import EVERYTHING, TEXTS, WEBSITES
from tests.builders import make_article, make_comment, make_user

# Defined before the page's own first byte runs; counts calls and anything that asks the reader.
WATCH = """
window.ran = [];
window.xss = () => window.ran.push('xss');
for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => window.ran.push(name);
"""

# What is left in the document after parsing: handlers, script addresses, foreign elements.
FIND_TRACES = """
() => {
  const found = [];
  for (const element of document.querySelectorAll('*:not(link[rel=icon])')) {
    for (const {name, value} of element.attributes) {
      if (/^on/i.test(name)) found.push(element.tagName + ' ' + name + '=' + value);
      if (/^(href|src|action|formaction|xlink:href|data|srcdoc|background)$/i.test(name)
          && /^[\\s\\x00-\\x1f]*(javascript|vbscript|data):/i.test(value)) found.push(element.tagName + ' ' + name + '=' + value);
      if (name === 'style') found.push(element.tagName + ' style=' + value);
    }
    const isOwnIcon = element.matches('use[href^="#"]') || (element.tagName === 'use' && (element.getAttribute('xlink:href') || '').startsWith('#'));
    if (!isOwnIcon && /^(iframe|object|embed|base|math|xss|x|marquee|frame|foreignobject|animate|use|isindex|plaintext)$/i.test(element.tagName))
      found.push(element.tagName);
    if (element.tagName === 'SCRIPT' && !element.src && !/^application\\/(ld\\+)?json$/.test(element.type)) found.push('inline script');
    if (element.tagName === 'META' && /refresh/i.test(element.httpEquiv)) found.push('meta refresh');
  }
  return found;
}
"""

POKE = """
() => {
  for (const element of document.querySelectorAll('main *')) {
    for (const type of ['mouseover', 'mouseenter', 'focus', 'toggle', 'error', 'load'])
      element.dispatchEvent(new Event(type, {bubbles: false}));
  }
}
"""


@pytest.fixture
def watched(new_context, site):
    """Return a function that opens an address and asserts that nothing ran and nothing is armed."""
    page = new_context(bypass_csp=True).new_page()
    page.add_init_script(WATCH)
    foreign = []
    page.on(
        "request",
        lambda request: foreign.append(request.url) if not request.url.startswith(site) else None,
    )

    def open_page(path: str, *, admin: bool = False) -> str:
        page.goto(site + path)
        page.evaluate(POKE)
        assert page.evaluate("window.ran") == [], path
        traces = [t for t in page.evaluate(FIND_TRACES) if not (admin and t == "inline script")]
        assert traces == [], path
        assert [url for url in foreign if not url.startswith("data:")] == [], path
        return str(page.content())

    open_page.page = page  # type: ignore[attr-defined]
    return open_page


def linking_page(title: str, words: str, target: str) -> str:
    """Return another blog's page whose title and text hold the payload, escaped and raw."""
    return (
        f"<title>{html.escape(title)}</title><body>"
        f"<p>{html.escape(words)} <a href='{target}'>{html.escape(words)}</a> {html.escape(words)}</p>"
        f"<p>{words} <a href='{target}'>{words}</a></p></body>"
    )


def check_pingback(article, site, monkeypatch, payload: str, number: int) -> None:
    source = f"https://blog{number}.example/"
    linkback = Linkback.objects.create(
        article=article, source_url=source, source_digest=page_digest(source), target_url=site
    )
    target = site + article.get_absolute_url()
    page = FetchedPage(
        url=source,
        status=200,
        headers=Headers(),
        content_type="text/html",
        charset="utf-8",
        body=linking_page(payload, payload, target).encode(),
        truncated=False,
    )
    monkeypatch.setattr(checking, "fetch", lambda *_, **__: page)
    checking.check(linkback)


def test_the_corpus_is_large_enough():
    assert len(set(EVERYTHING)) >= 100


def test_names_texts_and_websites_of_replies(db, watched, moderator, client):
    article, parent = make_article(), None
    with transaction.atomic():
        for number, payload in enumerate(TEXTS):
            website = WEBSITES[number % len(WEBSITES)]
            # Past the form, which refuses such websites: what is shown must be safe by itself.
            # In threads four deep, where replies name whom they answer.
            parent = make_comment(
                article,
                parent=parent if number % 5 else None,
                author_name=payload[:245],
                author_url=website,
                text=payload,
                status=Status.APPROVED,
            )
    page = watched(article.get_absolute_url())
    assert page.count('id="comment-') == len(TEXTS)
    watched(f"{article.get_absolute_url()}?reply={Comment.objects.first().pk}")
    for comment in Comment.objects.order_by("?")[:5]:
        watched(f"/comments/{comment.private_key}/")


def test_titles_and_excerpts_of_pingbacks(db, watched, site, monkeypatch):
    article = make_article()
    with transaction.atomic():
        for number, payload in enumerate(TEXTS):
            check_pingback(article, site, monkeypatch, payload, number)
        assert Comment.objects.count() > 100
        Comment.objects.update(status=Status.APPROVED)
    watched(article.get_absolute_url())


def test_source_urls_of_pingbacks(db, watched):
    article = make_article()
    for website in WEBSITES:
        make_comment(article, kind=Kind.PINGBACK, author_url=website, status=Status.APPROVED)
    watched(article.get_absolute_url())


def test_the_queue_of_the_moderator(db, watched, site):
    article = make_article()
    with transaction.atomic():
        for number, payload in enumerate(EVERYTHING):
            website = WEBSITES[number % len(WEBSITES)]
            make_comment(article, author_name=payload[:245], author_url=website, text=payload)
        for website in WEBSITES:
            make_comment(article, kind=Kind.PINGBACK, author_url=website, author_name=website)
    user = make_user(is_superuser=True)
    watched.page.goto(f"{site}/admin/login/")
    watched.page.get_by_label("Username").fill(user.username)
    watched.page.get_by_label("Password").fill("secret")
    watched.page.get_by_role("button", name="Log in").click()
    for number in range(1, 4):
        watched(f"/admin/comments/comment/?status=pending&p={number}", admin=True)
    for comment in Comment.objects.order_by("?")[:5]:
        watched(f"/admin/comments/comment/{comment.pk}/change/", admin=True)
    watched("/admin/linkbacks/linkback/", admin=True)


def test_what_was_typed_comes_back_as_text(db, watched, site):
    """The refused form shows every payload in its fields, as text."""
    article = make_article()
    page = watched.page
    for payload in TEXTS[::6] + WEBSITES[::3]:
        page.goto(site + article.get_absolute_url())
        page.locator("form#commentform").evaluate("form => form.noValidate = true")
        page.locator("textarea[name=comment]").fill(payload)
        for name in ("author", "url"):
            page.locator(f"input[name={name}]").fill(re.sub(r"[\r\n]", " ", payload))
        page.locator("input[name=email]").evaluate(
            "(input, value) => { input.type = 'text'; input.value = value }", payload
        )
        page.get_by_role("button", name="Post Comment").click()
        page.wait_for_selector("#errors")
        assert page.evaluate("window.ran") == [], payload
        assert page.evaluate(FIND_TRACES) == [], payload
        assert page.locator("textarea[name=comment]").input_value() == payload.replace(
            "\r\n", "\n"
        ).replace("\r", "\n")


def test_an_author_cannot_run_scripts_either(db, watched):
    """Whoever may write articles is not thereby allowed to act as every reader and moderator."""
    article = make_article(
        title="<img src=x onerror=xss()>", body="\n\n".join(TEXTS), summary='"><svg onload=xss()>'
    )
    watched(article.get_absolute_url())
    watched("/")
