"""The main job, as people do it: read, reply, moderate, and see another blog's answer arrive."""

import re
import xmlrpc.client  # noqa: TID251
from ipaddress import ip_network

import pytest
from playwright.sync_api import Page, expect

from comments import policy
from comments.models import Comment, Status
from tests.builders import make_article, make_faq_entry

TEXT = "This helped me more than I can say.\n\nThank *you*!"


@pytest.fixture
def article(db):
    article = make_article(title="Recovery from Disconnection")
    make_faq_entry(article, question="How long does it take?", answer="As long as it takes.")
    return article


def fill_in(page: Page, **fields: str) -> None:
    for label, value in {
        "Comment": TEXT,
        "Name": "Ann O’Nym",
        "Email": "ann@hidden.example",
        **fields,
    }.items():
        page.get_by_label(label, exact=False).first.fill(value)


def log_in(page: Page, site: str, user) -> None:
    page.goto(f"{site}/admin/login/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Log in").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_read_reply_moderate(new_context, site, article, moderator, javascript):
    page = new_context(java_script_enabled=javascript).new_page()
    page.goto(site + article.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text(article.title)
    expect(page.get_by_text("Your email address will not be published.")).to_be_visible()

    # First with an error: the text is kept.
    fill_in(page, Email="ann@nowhere")
    page.get_by_role("button", name="Post Comment").click()
    summary = page.get_by_role("group", name="Not sent yet: please check one thing.")
    expect(summary).to_be_visible()
    expect(summary).to_be_focused()
    expect(page.locator("textarea[name=comment]")).to_have_value(TEXT)
    assert not Comment.objects.exists()

    page.locator("input[name=email]").fill("ann@hidden.example")
    page.get_by_role("button", name="Post Comment").click()
    expect(page.get_by_text("awaiting moderation")).to_be_visible()
    assert page.context.cookies() == []

    # By mouse.
    log_in(page, site, moderator)
    page.goto(f"{site}/admin/comments/comment/")
    page.get_by_role("button", name=re.compile("^Approve")).first.click()
    expect(page.get_by_text("Approved 1 comment")).to_be_visible()

    reader = new_context(java_script_enabled=javascript).new_page()
    reader.goto(site + article.get_absolute_url())
    expect(reader.get_by_role("heading", name=f"One response to “{article.title}”")).to_be_visible()
    expect(reader.get_by_text("Thank you!")).to_be_visible()


def test_moderate_by_keyboard_alone(page: Page, site, article, moderator):
    comment = Comment(article=article, author_name="Ann")
    comment.set_text("Held until a moderator decides.")
    comment.save()
    log_in(page, site, moderator)
    page.goto(f"{site}/admin/comments/comment/")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value || ''") == f"approve:{comment.pk}":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("Approved 1 comment")).to_be_visible()
    comment.refresh_from_db()
    assert comment.status == Status.APPROVED


def test_replying_to_a_comment_moves_the_form_below_it(page: Page, site, article):
    comment = Comment(article=article, author_name="Ann", status=Status.APPROVED)
    comment.set_text("First.")
    comment.save()
    page.goto(site + article.get_absolute_url())
    link = page.get_by_role("link", name="Reply to Ann")
    expect(link).to_have_attribute("aria-controls", "respond")
    expect(link).to_have_attribute("aria-expanded", "false")
    link.click()
    expect(link).to_have_attribute("aria-expanded", "true")
    expect(page.locator(f"#comment-{comment.pk} #respond")).to_be_visible()
    expect(page.locator("textarea[name=comment]")).to_be_focused()
    fill_in(page, Comment="Second.")
    page.get_by_role("button", name="Post Comment").click()
    expect(page.get_by_text("awaiting moderation")).to_be_visible()
    assert Comment.objects.latest("pk").parent == comment


def test_the_name_is_remembered_in_the_browsers_own_storage(page: Page, site, article, monkeypatch):
    # A browser that is driven types faster than any reader.
    monkeypatch.setattr(policy, "TOO_FAST", 0)
    page.goto(site + article.get_absolute_url())
    fill_in(page)
    page.get_by_label("Save my name").check()
    page.get_by_role("button", name="Post Comment").click()
    expect(page.get_by_text("awaiting moderation")).to_be_visible()
    assert page.context.cookies() == []
    Comment.objects.get().approve()

    page.goto(site + article.get_absolute_url())
    expect(page.locator("input[name=author]")).to_have_value("Ann O’Nym")
    expect(page.locator("input[name=email]")).to_have_value("ann@hidden.example")
    assert "ann@hidden.example" not in page.request.get(site + article.get_absolute_url()).text()

    # The same browser, with an approved comment: no more waiting.
    page.locator("textarea[name=comment]").fill("And a second thought.")
    page.get_by_role("button", name="Post Comment").click()
    page.wait_for_url(re.compile("#comment-"))
    expect(page.get_by_text("And a second thought.")).to_be_visible()


def test_a_pingback_from_another_blog(
    page: Page, site, article, moderator, httpserver, settings, run_tasks
):
    settings.LINKBACK_ALLOWED_NETWORKS = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    settings.LINKBACK_ALLOWED_PORTS = ((1, 65535),)
    target = site + article.get_absolute_url()
    text = f"<p>I kept thinking about <a href='{target}'>the six strategies</a> all week.</p>"
    httpserver.expect_request("/post").respond_with_data(
        f"<title>A week of noticing</title>{text}", content_type="text/html"
    )
    source = httpserver.url_for("/post").replace("localhost", "127.0.0.1")
    endpoint = page.request.get(target).headers["x-pingback"]
    with xmlrpc.client.ServerProxy(endpoint) as other_blog:
        answer = other_blog.pingback.ping(source, target)
    assert "received" in str(answer)
    run_tasks()

    log_in(page, site, moderator)
    page.goto(f"{site}/admin/comments/comment/")
    page.get_by_role("button", name=re.compile("^Approve")).first.click()
    page.goto(target)
    expect(
        page.get_by_text("[…] I kept thinking about the six strategies all week. […]")
    ).to_be_visible()
    expect(page.locator(f"a[href='{source}']").first).to_be_visible()
