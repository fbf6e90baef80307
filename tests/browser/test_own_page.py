"""An author's way through their own page, with and without JavaScript, in a real browser."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from comments import policy
from comments.models import Comment, DiscussionSettings, Status
from tests.browser.test_journey import TEXT, fill_in
from tests.builders import make_article, make_comment, make_user


@pytest.fixture
def article(db):
    return make_article(title="Recovery from Disconnection")


def post(page: Page, site: str, article, **fields: str) -> Comment:
    page.goto(site + article.get_absolute_url())
    fill_in(page, **fields)
    page.get_by_role("button", name="Post Comment").click()
    page.wait_for_url(re.compile(r"/comments/|#comment-"))
    return Comment.objects.latest("pk")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def open_details(page: Page, words: str) -> None:
    page.locator("summary", has_text=words).click()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_whole_way(new_context, site, article, javascript, transactional_db):
    page = new_context(java_script_enabled=javascript).new_page()
    comment = post(page, site, article)
    expect(page.get_by_text("Your comment is awaiting moderation.")).to_be_visible()

    # Change it, first into nothing.
    open_details(page, "Change it")
    area = page.get_by_label("Comment")
    expect(area).to_have_value(TEXT)
    area.evaluate("area => area.required = false") if javascript else None
    area.fill("x" * 10_001)
    press(page, "Save the new words")
    expect(page.get_by_role("group", name="Not sent yet")).to_be_focused()
    expect(area).to_have_value("x" * 10_001)
    area.fill("Better *words*.")
    press(page, "Save the new words")
    expect(page.locator(".own em")).to_have_text("words")
    expect(page.get_by_text("You changed it.")).to_be_visible()

    # A moderator declines it and says why.
    comment.refresh_from_db()
    comment.move_to(Status.TRASH, by=make_user(), message="Please without adverts.")
    page.reload()
    expect(page.get_by_role("blockquote")).to_have_text("Please without adverts.")
    assert comment.restore(by=make_user())

    page.reload()
    press(page, "Withdraw it")
    expect(page.get_by_text("You have withdrawn your comment.")).to_be_visible()
    press(page, "Put it back")
    expect(page.get_by_text("Your comment is awaiting moderation.")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download everything").click()
    assert json.loads(download.value.path().read_text())["comment"]["text"] == "Better *words*."

    open_details(page, "Erase it")
    press(page, "Keep the text as “Anonymous”")
    expect(page.get_by_text("You had your name taken off.")).to_be_visible()
    open_details(page, "Erase it")
    press(page, "Remove it altogether")
    expect(page.get_by_role("heading", name="Your comment is gone")).to_be_visible()
    assert not Comment.objects.exists()
    assert page.context.cookies() == []


def test_the_same_browser_remembers(page: Page, site, article):
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    first = post(page, site, article)
    expect(page.get_by_text("awaiting moderation")).to_be_visible()
    page.goto(site + article.get_absolute_url())
    line = page.locator("#responses p", has_text="You have commented here.")
    expect(line).to_be_visible()
    line.get_by_role("link", name="your comment").click()
    expect(page).to_have_url(site + first.private_path)
    assert page.evaluate("localStorage.length") == 0, "not for longer than asked"

    # Two are told apart; and not on other articles.
    post(page, site, article, Comment="A second one.")
    page.goto(site + article.get_absolute_url())
    expect(line.get_by_role("link")).to_have_text(["comment 1", "comment 2"])
    page.goto(site + make_article().get_absolute_url())
    expect(line).to_have_count(0)
    assert all(url.startswith(site) for url in requests)
    assert page.context.cookies() == []

    # What has no author any more is nobody's own.
    second = Comment.objects.latest("pk")
    page.goto(site + second.private_path)
    open_details(page, "Erase it")
    press(page, "Keep the text as “Anonymous”")
    expect(page.get_by_text("You had your name taken off.")).to_be_visible()
    page.wait_for_load_state()
    page.goto(site + article.get_absolute_url())
    expect(line.get_by_role("link")).to_have_text(["your comment"])
    post(page, site, article, Comment="A third one.")

    # Another one that is removed is not linked any more.
    page.goto(site + first.private_path)
    open_details(page, "Erase it")
    press(page, "Remove it altogether")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your comment is gone")
    page.wait_for_load_state()  # by then the page's script has forgotten it
    page.goto(site + article.get_absolute_url())
    expect(line.get_by_role("link")).to_have_text(["your comment"])


def test_another_browser_knows_nothing(new_context, site, article):
    post(new_context().new_page(), site, article)
    other = new_context().new_page()
    other.goto(site + article.get_absolute_url())
    expect(other.get_by_role("heading", name="Leave a Reply")).to_be_visible()
    expect(other.get_by_text("You have commented here.")).to_have_count(0)


def test_only_whoever_is_to_be_remembered_is_after_the_browser_was_closed(
    new_context, site, article
):
    first = new_context()
    page = first.new_page()
    page.goto(site + article.get_absolute_url())
    page.get_by_label("Save my name").check()
    fill_in(page)
    press(page, "Post Comment")
    expect(page.get_by_text("awaiting moderation")).to_be_visible()
    kept = first.storage_state()  # what outlives the browser: no sessionStorage

    later = new_context(storage_state=kept).new_page()
    later.goto(site + article.get_absolute_url())
    expect(later.get_by_text("You have commented here.")).to_be_visible()
    comment = Comment.objects.get()
    expect(later.locator("input[name=earlier]")).to_have_value(comment.private_key)


@pytest.mark.parametrize("javascript", [True, False])
def test_who_is_published_at_once_learns_their_pages_address(
    new_context, site, article, javascript, monkeypatch
):
    monkeypatch.setattr(policy, "TOO_FAST", 0)  # tests type faster than people
    DiscussionSettings(pk=1, hold_first_time_authors=False).save()
    page = new_context(java_script_enabled=javascript).new_page()
    comment = post(page, site, article)
    if javascript:
        expect(page).to_have_url(site + comment.get_absolute_url())
        page.get_by_role("link", name="your comment").click()
    expect(page).to_have_url(re.compile(re.escape(site + comment.private_path)))
    expect(page.get_by_text("Your comment has been published")).to_be_visible()


@pytest.mark.parametrize("broken", ["null", "5", '"x"', "[]", '{"keys": 5}', '{"keys": [5]}', "{"])
def test_what_others_left_in_the_storage_does_no_harm(page: Page, site, article, broken):
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(site + article.get_absolute_url())
    page.evaluate(
        "value => ['localStorage', 'sessionStorage'].forEach("
        "store => window[store].setItem('recovery.reader', value))",
        broken,
    )
    post(page, site, article)
    expect(page.get_by_text("awaiting moderation")).to_be_visible()
    assert errors == []


def test_axe_finds_nothing(page: Page, site, article, moderator):
    spam = make_comment(article, status=Status.SPAM, address="ann@example.org")
    declined = make_comment(article)
    declined.move_to(Status.TRASH, by=moderator, message="No.")
    for path in (spam.private_path, declined.private_path, "/privacy/"):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.goto(site + path)
            for summary in page.locator("summary").all():
                summary.click()
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
