"""Axe finds nothing on any public page, in both schemes, wide and narrow; none is wider than its window."""

from functools import partial

import pytest
from playwright.sync_api import Page

from articles.models import Blog
from recovery import error_pages
from tests.browser.test_queue_axe import findings, open_everything
from tests.everything import Everything, make_everything


@pytest.fixture
def everything(db) -> Everything:
    return make_everything()


@pytest.fixture(params=[(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")])
def page(request, new_context, everything) -> Page:
    width, scheme = request.param
    viewport = {"width": width, "height": 900}
    context = new_context(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page: Page = context.new_page()
    return page


def test_every_page(page: Page, site, everything):
    Blog.objects.update(accent="#ffd400")
    found = {}
    for path in everything.paths:
        page.goto(site + path)
        open_everything(page)
        found[path] = findings(page)
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_a_form_with_errors(page: Page, site, everything):
    page.goto(site + everything.article.get_absolute_url())
    page.locator("#respond textarea").fill("Kept.")
    page.locator("input[name=author]").fill("Ann")
    page.locator("input[name=email]").fill("ann@nowhere")
    page.get_by_role("button", name="Post Comment").click()
    page.locator("#errors").wait_for()
    assert findings(page) == []
    page.goto(site + everything.article.get_absolute_url())
    page.locator("#paste-link-source").fill("nonsense")
    page.locator("#paste-link button").click()
    page.locator("#paste-link-error").wait_for()
    assert findings(page) == []
    page.goto(site + everything.pending.private_path)
    open_everything(page)
    page.locator("#id_comment").fill("x" * 10_001)
    page.get_by_role("button", name="Save the new words").click()
    page.locator("#errors").wait_for()
    assert findings(page) == []


def test_what_is_refused(page: Page, site, everything):
    for status in error_pages.WORDS:
        said = {"body": error_pages.standing(status).decode(), "content_type": "text/html"}
        page.route(f"{site}/refused-{status}", partial(_fulfil, said))
        page.goto(f"{site}/refused-{status}")
        assert findings(page) == []


def _fulfil(said, route):
    route.fulfill(**said)


@pytest.mark.parametrize(("width", "size"), [(320, 1), (640, 2)])
def test_no_page_is_wider_than_a_small_phone(new_context, site, everything, width, size):
    page = new_context(viewport={"width": width, "height": 640}, bypass_csp=True).new_page()
    wide, limit = {}, width
    for path in everything.paths:
        page.goto(site + path)
        page.add_style_tag(content=f":root {{ font-size: {size * 112.5}% !important }}")
        open_everything(page)
        wide[path] = page.evaluate("document.documentElement.scrollWidth")
    assert {path: found for path, found in wide.items() if found > limit} == {}


def test_text_of_a_thread_keeps_its_width_on_a_small_phone(new_context, site, everything):
    page = new_context(viewport={"width": 320, "height": 640}).new_page()
    page.goto(site + everything.article.get_absolute_url())
    widths = page.locator(".thread .text").evaluate_all("all => all.map(e => e.clientWidth)")
    assert len(widths) >= 7
    assert min(widths) >= 240


@pytest.mark.parametrize("width", [900, 1280, 1600])
def test_lines_have_their_measure(new_context, site, everything, width):
    page = new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(site + everything.article.get_absolute_url())
    measure = page.locator(".e-content").first.evaluate(
        """body => {
          const one = document.createElement("span");
          one.textContent = "0".repeat(50);
          one.style.whiteSpace = "nowrap";
          body.append(one);
          return body.clientWidth / (one.getBoundingClientRect().width / 50);
        }"""
    )
    assert 58 <= measure <= 70
    assert page.evaluate("document.documentElement.scrollWidth") <= width
