"""A whole visit by keyboard alone, with and without JavaScript; questions, contents and paper."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from articles import appearance
from articles.models import Blog, Series, Tag
from comments.models import Comment, Status
from tests.builders import make_article, make_comment, make_faq_entry
from tests.everything import is_there

BODY = "\n\n".join(f"# Part {number}\n\n{'Some words to read. ' * 60}" for number in range(1, 5))
WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML)"""
SEEN = "e => { const s = getComputedStyle(e); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 }"


@pytest.fixture
def article(db):
    article = make_article(title="Recovery from Disconnection", body=BODY)
    make_faq_entry(article, question="How long does it take?", answer="As long as it takes.")
    make_faq_entry(article, question="And then?", answer="Then comes the rest.")
    make_comment(article, status=Status.APPROVED, author_name="Ann", text="First of all.")
    return article


def tab_to(page: Page, wanted: Locator, most: int = 100) -> None:
    """Press the tabulator until that has the focus, which must be seen on all that has it before."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count():
            assert focused.evaluate(SEEN), focused.evaluate("e => e.outerHTML")
        if wanted.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError("it cannot be reached by keyboard")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_whole_visit_by_keyboard(new_context, site, article, javascript):
    page = new_context(java_script_enabled=javascript).new_page()
    page.goto(site)
    tab_to(page, page.get_by_role("link", name="Skip to the text"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name=article.title), most=1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(article.title)
    if is_there("/search/"):
        _search(page, site, article)
    _open_a_question(page)
    _reply(page)
    comment = Comment.objects.latest("pk")
    assert comment.parent.author_name == "Ann"
    comment.approve()
    page.goto(site + article.get_absolute_url())
    if javascript:
        tab_to(page, page.get_by_role("link", name="your comment"))
        page.keyboard.press("Enter")
    else:
        page.goto(site + comment.private_path)
    tab_to(page, page.get_by_role("link", name="see it in the conversation"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"#comment-{comment.pk}$"))
    expect(page.get_by_text("Typed by hand.")).to_be_in_viewport()
    assert page.context.cookies() == []


def _search(page: Page, site: str, article) -> None:
    page.goto(f"{site}/search/")
    tab_to(page, page.get_by_role("searchbox").first)
    page.keyboard.type("Disconnection")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, page.locator("main").get_by_role("link", name=article.title).first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(article.title)


def _open_a_question(page: Page) -> None:
    answer = page.get_by_text("As long as it takes.")
    expect(answer).not_to_be_visible()
    tab_to(page, page.locator("summary", has_text="How long does it take?"))
    page.keyboard.press("Enter")
    expect(answer).to_be_visible()


def _reply(page: Page) -> None:
    """Answer Ann: first with a mistake, which takes nothing of what was typed."""
    tab_to(page, page.get_by_role("link", name="Reply to Ann"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Reply to Ann")).to_be_visible()
    for name, text in (
        ("comment", "Typed by hand."),
        ("author", "Bea"),
        ("email", "bea@nowhere"),
    ):
        _type(page, name, text)
    page.keyboard.press("Enter")
    expect(page.locator("#errors")).to_be_focused()
    tab_to(page, page.locator("#errors a"), most=1)
    page.keyboard.press("Enter")
    expect(page.locator("[name=email]")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("bea@hidden.example")
    tab_to(page, page.get_by_role("button", name="Post Comment"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("awaiting moderation")).to_be_visible()


def _type(page: Page, name: str, text: str) -> None:
    field = page.locator(f"#respond [name={name}]")
    if not field.evaluate("e => e === document.activeElement"):
        tab_to(page, field)
    page.keyboard.type(text)


@pytest.mark.parametrize("javascript", [True, False])
def test_an_answer_is_opened_by_its_address(new_context, site, article, javascript):
    page = new_context(java_script_enabled=javascript).new_page()
    entry = article.faq_entries.last()
    page.goto(site + entry.get_absolute_url())
    expect(page.get_by_text("Then comes the rest.")).to_be_in_viewport()
    expect(page.get_by_text("As long as it takes.")).not_to_be_visible()


def test_on_paper_all_is_open_and_what_is_to_be_clicked_is_left_out(page: Page, site, article):
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(site + article.get_absolute_url())
    shown = "e => getComputedStyle(e, '::details-content').contentVisibility"
    assert set(page.locator("#faq details").evaluate_all(f"all => all.map({shown})")) == {"visible"}
    for gone in ("nav", "#respond", "footer.site", ".act", ".skip"):
        for each in page.locator(gone).all():
            expect(each).not_to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    assert page.pdf().startswith(b"%PDF")


def test_contents_beside_the_text_where_there_is_room(new_context, site, article):
    page = new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(site + article.get_absolute_url())
    contents = page.get_by_role("navigation", name="Contents")
    link = contents.get_by_role("link", name="Part 4")
    expect(link).to_be_visible()
    text, box = page.locator(".body.e-content").bounding_box(), contents.bounding_box()
    assert text["x"] + text["width"] < box["x"]
    assert box["x"] + box["width"] <= 1280
    link.click()
    expect(page.get_by_role("heading", name="Part 4")).to_be_in_viewport()
    expect(link).to_be_in_viewport()


def test_contents_closed_above_the_text_where_there_is_not(new_context, site, article):
    page = new_context(viewport={"width": 360, "height": 800}).new_page()
    page.goto(site + article.get_absolute_url())
    contents = page.get_by_role("navigation", name="Contents")
    expect(contents.get_by_role("link", name="Part 4")).not_to_be_visible()
    contents.locator("summary").click()
    contents.get_by_role("link", name="Part 4").click()
    expect(page.get_by_role("heading", name="Part 4")).to_be_in_viewport()


def test_what_is_left_out_of_the_sheet_says_nothing(page: Page, site):
    page.goto(site)
    rules = """css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);
      return [...sheet.cssRules].map(rule => rule.cssText.replace(/([:,])\\s+/g, "$1")) }"""
    written = page.evaluate(rules, appearance.written())
    assert page.evaluate(rules, appearance.sheet().css) == written
    assert len(written) > 150


def test_nothing_moves():
    assert not re.search(r"transition|animation|scroll-behavior", appearance.sheet().css)


def test_nothing_that_can_be_typed_is_wider_than_a_small_phone(new_context, site, db):
    longest = "W" * 100
    series = Series(name=longest)
    series.store()
    article, *_ = [
        make_article(
            title=longest, author_name=longest, body=f"# {longest}\n\n`{longest}`", series=series
        )
        for _ in range(4)
    ]
    article.tags.set(Tag.objects.named([longest]))
    make_faq_entry(article, question=longest, answer=longest)
    make_comment(article, status=Status.APPROVED, author_name=longest, text=longest)
    page = new_context(viewport={"width": 320, "height": 640}).new_page()
    Blog(pk=1, name=longest, tagline=longest, navigation=f"{longest} /", footer=longest).store()
    (tag,) = article.tags.all()
    lists = ("/", "/tags/", "/archive/", "/subscribe/", f"/search/?q={longest[:60]}", "/nowhere/")
    for path in (*lists, *(one.get_absolute_url() for one in (article, tag, series))):
        page.goto(site + path)
        assert page.evaluate(WIDER) == [], path
