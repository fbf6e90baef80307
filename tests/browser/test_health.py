"""The health page in a real browser: wide and narrow, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page, expect

from comments.models import MailKind, MailState, OutgoingMail, Status
from tests.builders import make_comment

HEALTH = "/admin/comments/comment/health/"


@pytest.fixture
def opened(page: Page, site, client, article, moderator) -> Page:
    """Return the page as a moderator sees it, of a site where something has happened."""
    for status in (Status.PENDING, Status.APPROVED, Status.SPAM, Status.SPAM):
        make_comment(article, status=status)
    OutgoingMail.objects.create(
        kind=MailKind.DIGEST, state=MailState.FAILED, fault="SMTPAuthenticationError 535"
    )
    client.force_login(moderator)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])
    page.goto(site + HEALTH)
    return page


def test_the_chart_is_named_and_its_numbers_can_be_read(opened: Page):
    chart = opened.get_by_role("img", name="Comments approved and found to be spam, day by day")
    expect(chart).to_be_visible()
    expect(opened.locator("rect.health-spam").first).to_have_css("stroke", "rgb(186, 33, 33)")
    opened.get_by_text("The same as a table").click()
    total = opened.get_by_role("row", name="All 1 2")
    expect(total).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(opened: Page, width, scheme):
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.set_viewport_size({"width": width, "height": 800})
    opened.emulate_media(color_scheme=scheme)
    opened.reload()
    opened.get_by_text("The same as a table").click()
    found = Axe().run(opened)
    assert found.violations_count == 0, found.generate_report()
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    assert complaints == []
