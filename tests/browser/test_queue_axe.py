"""Axe finds nothing on the pages of the queue, in both schemes, wide and narrow."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from comments.models import Comment, ModeratorPreferences
from tests.browser.test_journey import log_in
from tests.browser.twenty import Morning, twenty_comments
from tests.builders import make_user

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Django's own frame of the admin, the same on every page of it.
NOT_OURS = [".breadcrumbs"]


@pytest.fixture
def morning(db) -> Morning:
    return twenty_comments()


@pytest.fixture(params=[(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")])
def page(request, new_context, site, morning) -> Page:
    width, scheme = request.param
    user = make_user(
        "comments.moderate_comment", "comments.reveal_contact", first_name="Ada", last_name="King"
    )
    ModeratorPreferences.objects.create(user=user, keys_enabled=True)
    context = new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page: Page = context.new_page()
    log_in(page, site, user)
    return page


def findings(page: Page) -> list[str]:
    """Return what axe finds, one line for each element."""
    context = {"exclude": NOT_OURS}
    results = Axe().run(page, context, {"runOnly": RULES})
    assert len(results.response["passes"]) > 10, "axe has looked at the page"
    return [
        f"{found['id']}: {node['target']} {json.dumps(node['html'][:120])} {node['failureSummary']}"
        for found in results.response["violations"]
        for node in found["nodes"]
    ]


def open_everything(page: Page) -> None:
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")


def test_the_queue(page: Page, site, morning):
    page.goto(f"{site}/admin/comments/comment/")
    assert findings(page) == []
    open_everything(page)
    assert findings(page) == []
    page.locator(f"button[value='spam:{morning.spam[0].pk}']").first.click()
    page.get_by_text("Marked 1 comment as spam.").wait_for()
    assert findings(page) == [], "with a message"
    page.locator("#result_list tbody tr").first.focus()
    page.keyboard.press("?")
    assert findings(page) == [], "with the keys"


def test_what_is_alike(page: Page, site, morning):
    page.goto(f"{site}/admin/comments/comment/?like=author:{morning.spam[0].pk}")
    assert findings(page) == []
    page.goto(f"{site}/admin/comments/comment/?status=trash&like=author:0")
    assert findings(page) == []


def test_a_comments_own_page(page: Page, site, morning):
    for comment in (morning.spam[0], morning.approved[-1], morning.answered[0]):
        page.goto(f"{site}/admin/comments/comment/{comment.pk}/change/")
        open_everything(page)
        assert findings(page) == []


def test_a_text_given_back(page: Page, site, morning):
    comment: Comment = morning.answered[0]
    page.goto(f"{site}/admin/comments/comment/")
    page.locator(f"#comment-{comment.pk} .queue-reply summary").click()
    page.locator(f"#reply-{comment.pk}").fill("x" * 10_001)
    page.locator(f"#comment-{comment.pk} button[name=_answer]").click()
    page.locator(f"#error-{comment.pk}").wait_for()
    assert findings(page) == []


def test_settings_and_search(page: Page, site):
    page.goto(f"{site}/admin/comments/comment/preferences/")
    assert findings(page) == []
    page.goto(f"{site}/admin/comments/comment/by-address/")
    assert findings(page) == []
    page.goto(f"{site}/admin/comments/comment/")
    page.get_by_role("searchbox", name="Search").fill("me@hidden.example")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("Email addresses are not searched for here.").wait_for()
    assert findings(page) == []
