"""Readers whose system chooses the colours, and scripts that run from right to left."""

import pytest
from playwright.sync_api import Page, expect

from comments.models import Status
from tests.builders import make_article, make_comment, make_faq_entry

ARABIC = "العودة إلى الهدوء بعد يوم طويل من العمل. " * 20
MARK = "(e) => { const s = getComputedStyle(e, '::before'); return [s.backgroundColor, s.borderTopStyle] }"
NO_SIDEWAYS_SCROLL = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
def article(db):
    article = make_article(title="العودة", body=f"# أولا\n\n{ARABIC}", language="ar")
    make_faq_entry(article, question="كم من الوقت؟", answer="لا أحد يعرف.")
    first = make_comment(article, status=Status.APPROVED, author_name="ليلى", text=ARABIC)
    make_comment(article, status=Status.APPROVED, author_name="Ann", parent=first, text="Thanks.")
    return article


def _left_of(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["x"]


def test_an_arabic_article_in_an_english_site_is_read_from_the_right(new_context, site, article):
    page = new_context(viewport={"width": 320, "height": 640}).new_page()
    page.goto(site + article.get_absolute_url())
    for selector, direction in (
        ("html", "ltr"),
        ("h1.p-name", "rtl"),
        (".e-content", "rtl"),
        (".faq summary h3", "rtl"),
        (".thread .text", "rtl"),
        (".replies .text", "ltr"),
    ):
        found = page.locator(selector).first
        assert found.evaluate("e => getComputedStyle(e).direction") == direction, selector
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    page.goto(site)
    # The mark before a title goes by the list's direction, the title by its own.
    for selector, direction in ((".entry h2", "ltr"), (".entry h2 a", "rtl")):
        found = page.locator(selector).first
        assert found.evaluate("e => getComputedStyle(e).direction") == direction, selector


@pytest.mark.parametrize("width", [320, 1280])
def test_a_site_from_right_to_left_is_the_mirror_of_one_from_left_to_right(
    new_context, site, article, width
):
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(site + article.get_absolute_url())
    assert _left_of(page, ".thread .avatar") < _left_of(page, ".thread .who")
    # No translation of the site is written from right to left yet; its style sheet is.
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    assert _left_of(page, ".thread .avatar") > _left_of(page, ".thread .who")
    assert _left_of(page, ".replies .avatar") < _left_of(page, ".thread .avatar")


def test_in_forced_colours_what_only_colour_said_is_still_seen(new_context, site, article):
    page = new_context(forced_colors="active", viewport={"width": 360, "height": 800}).new_page()
    page.goto(site + article.get_absolute_url())
    ink = page.locator("body").evaluate("e => getComputedStyle(e).color")
    page.locator(".faq summary").first.click()
    for selector in (".brand", ".faq [open] > summary"):
        assert page.locator(selector).first.evaluate(MARK) == [ink, "solid"], selector
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.get_by_role("button", name="Post Comment").click()
    expect(page.locator(".field.wrong, :invalid").first).to_be_visible()


def test_in_forced_colours_an_error_keeps_its_frame(new_context, site, article):
    page = new_context(forced_colors="active", java_script_enabled=False).new_page()
    page.goto(site + article.get_absolute_url())
    page.locator("textarea").first.fill("Words without a name.")
    page.locator("form.respond, .respond form").first.evaluate("f => { f.noValidate = true }")
    page.get_by_role("button", name="Post Comment").click()
    mark = page.locator(".errors h3")
    expect(mark).to_be_visible()
    assert mark.evaluate(MARK)[1] == "solid"
    wrong = page.locator(".field.wrong input").first
    assert wrong.evaluate("e => getComputedStyle(e).borderTopWidth") == "3px"
