"""The queue by keyboard alone, by mouse without JavaScript, and to the ear."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from comments.models import Comment, ModeratorPreferences, Status
from tests.browser.test_journey import log_in
from tests.browser.twenty import Morning, twenty_comments
from tests.builders import make_comment, make_user
from tests.comments.queue import status_of

ANSWER = "Yes, and thank you for asking!"
# Keeps what is put into a live region after the page has loaded: what is read aloud.
LISTEN = """
addEventListener("DOMContentLoaded", () => {
  const { dataset } = document.documentElement;
  for (const region of document.querySelectorAll("[role=status]"))
    new MutationObserver(() => (dataset.spoken = region.textContent.replace(/\\s+/g, " ").trim()))
      .observe(region, { childList: true });
});
"""


@pytest.fixture
def morning(db) -> Morning:
    return twenty_comments()


@pytest.fixture
def user(db):
    user = make_user("comments.moderate_comment", first_name="Ada", last_name="King")
    ModeratorPreferences.objects.create(user=user, keys_enabled=True)
    return user


@pytest.fixture
def queue(site) -> str:
    return f"{site}/admin/comments/comment/"


@dataclass
class Keyboard:
    """A keyboard that counts; after an act it waits for the page that follows."""

    page: Page
    strokes: int = 0
    acts: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.strokes += 1

    def act(self, *keys: str) -> None:
        with self.page.expect_navigation():
            self.press(*keys)
        self.acts.append(keys[-1])

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.strokes += len(text)


def focused(page: Page) -> int:
    """Return the number of the comment whose row has the focus; 0 for none."""
    place = str(page.evaluate("document.activeElement.id"))
    return int(place.removeprefix("comment-")) if place.startswith("comment-") else 0


def check_morning(morning: Morning) -> None:
    wanted = {
        Status.APPROVED: morning.approved + morning.answered,
        Status.SPAM: morning.spam,
        Status.TRASH: morning.trash,
    }
    for status, comments in wanted.items():
        assert {status_of(comment) for comment in comments} == {status}
    assert not Comment.objects.filter(status=Status.PENDING).exists()
    for comment in morning.answered:
        assert comment.children.approved().get().text == ANSWER


def test_twenty_comments_by_keyboard_alone(page: Page, queue, site, user, morning):
    log_in(page, site, user)
    page.goto(queue)
    keys = Keyboard(page)
    verdicts = {
        **{one.pk: "a" for one in morning.approved},
        **{one.pk: "s" for one in morning.spam},
        **{one.pk: "d" for one in morning.trash},
        **{one.pk: "r" for one in morning.answered},
    }
    started = time.perf_counter()
    keys.press("j")
    while row := focused(page):
        if verdicts[row] == "r":
            keys.press("r")
            keys.type(ANSWER)
            keys.press("Tab")
            keys.act("Enter")
        else:
            keys.act(verdicts[row])
    took = time.perf_counter() - started

    expect(page.get_by_text("Nothing here.")).to_be_focused()
    check_morning(morning)
    print(f"\n20 comments: {took:.1f} s, {keys.strokes} keys, {len(keys.acts)} acts")
    assert keys.strokes <= 20 + 2 * (len(ANSWER) + 3) + 5


def test_twenty_comments_without_javascript_by_mouse(new_context, queue, site, user, morning):
    page = new_context(java_script_enabled=False).new_page()
    log_in(page, site, user)
    _decide_about_each(page, queue, morning, lambda button: button.click())


def test_twenty_comments_without_javascript_by_tab_and_enter(
    new_context, queue, site, user, morning
):
    page = new_context(java_script_enabled=False).new_page()
    log_in(page, site, user)
    keys = Keyboard(page)

    def enter(control: Locator) -> None:
        """Go there by Tab from wherever the focus is, which every act leads on to the next row."""
        for _ in range(250):
            keys.press("Tab")
            if control.evaluate("control => control === document.activeElement"):
                keys.press("Enter")
                return
        raise AssertionError("no way leads there by Tab")

    _decide_about_each(page, queue, morning, enter)
    print(f"\n20 comments without JavaScript: {keys.strokes} keys")


def _decide_about_each(
    page: Page, queue: str, morning: Morning, use: Callable[[Locator], None]
) -> None:
    started = time.perf_counter()
    page.goto(queue)
    verbs = {
        **{one.pk: "approve" for one in morning.approved},
        **{one.pk: "spam" for one in morning.spam},
        **{one.pk: "trash" for one in morning.trash},
    }
    while row := page.locator("#result_list tbody tr").first:
        if not row.count():
            break
        pk = int(str(row.get_attribute("id")).removeprefix("comment-"))
        if verb := verbs.get(pk):
            use(row.locator(f"button[value='{verb}:{pk}']").first)
        else:
            use(row.locator(".queue-reply summary"))
            row.locator(".queue-reply textarea").fill(ANSWER)
            use(row.locator("button[name=_answer]"))
        expect(page.locator(f"#comment-{pk}")).to_have_count(0)
    check_morning(morning)
    print(f"\n20 comments without JavaScript: {time.perf_counter() - started:.1f} s")


def test_keys_do_nothing_until_switched_on(page: Page, queue, site, moderator, pending_comment):
    log_in(page, site, moderator)
    page.goto(queue)
    page.keyboard.press("j")
    assert focused(page) == 0
    page.locator(f"#comment-{pending_comment.pk}").focus()
    for key in "asdxz?":
        page.keyboard.press(key)
    assert status_of(pending_comment) == Status.PENDING
    expect(page.locator("dialog")).to_have_count(0)

    page.get_by_role("link", name="My moderation settings").click()
    page.get_by_label("Keyboard shortcuts").check()
    # To the end: Chromium drops what is typed before a page is first painted.
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Keys", exact=True)).to_be_visible()
    page.keyboard.press("j")
    assert focused(page) == pending_comment.pk
    with page.expect_navigation():
        page.keyboard.press("a")
    assert status_of(pending_comment) == Status.APPROVED


def test_keys_are_silent_while_typing_and_with_control(page: Page, queue, site, user, morning):
    log_in(page, site, user)
    page.goto(queue)
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.keyboard.type("jkasdhzrxe? as a reply")
    expect(page.locator("textarea:focus")).to_have_value("jkasdhzrxe? as a reply")
    page.keyboard.press("Escape")
    assert focused(page)
    for fields in ("#searchbar", "select[name=action]"):
        page.locator(fields).focus()
        page.keyboard.type("asd")
    page.locator("#result_list tbody tr").first.focus()
    for key in ("Control+s", "Alt+s", "Meta+a", "Control+d"):
        page.keyboard.press(key)

    expect(page.locator("#result_list tbody tr")).to_have_count(17)
    assert Comment.objects.filter(status=Status.PENDING).count() == 20
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_every_other_key(page: Page, queue, site, user, morning):
    log_in(page, site, user)
    page.goto(queue)
    rows = page.locator("#result_list tbody tr")
    numbers = [int(str(row.get_attribute("id"))[8:]) for row in rows.all()]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert focused(page) == numbers[1]

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("s")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert focused(page) == numbers[1], "back where it was opened from"
    page.get_by_role("button", name="Keys", exact=True).click()
    page.get_by_role("button", name="Close").click()

    long = page.locator("tr:has(details.queue-long)").first
    long.focus()
    page.keyboard.press("e")
    expect(long.locator("details.queue-long")).to_have_attribute("open", "")
    page.keyboard.press("e")
    expect(long.locator("details.queue-long")).not_to_have_attribute("open", "")

    page.keyboard.press("x")
    expect(page.locator(".action-select:checked")).to_have_count(1)
    page.keyboard.press("Shift+X")
    expect(page.locator(".action-select:checked")).to_have_count(17)
    page.keyboard.press("Shift+X")
    expect(page.locator(".action-select:checked")).to_have_count(0)
    for row in rows.all()[:2]:
        row.focus()
        page.keyboard.press("x")
    with page.expect_navigation():
        page.keyboard.press("Shift+D")
    assert Comment.objects.filter(pk__in=numbers[:2], status=Status.TRASH).count() == 2
    with page.expect_navigation():
        page.keyboard.press("z")
    assert Comment.objects.filter(status=Status.PENDING).count() == 20


def test_hold_and_restore(page: Page, queue, site, user, article):
    shown = make_comment(article, status=Status.APPROVED)
    thrown = make_comment(article, status=Status.TRASH)
    log_in(page, site, user)
    for comment, tab in ((shown, "approved"), (thrown, "trash")):
        page.goto(f"{queue}?status={tab}")
        page.keyboard.press("j")
        with page.expect_navigation():
            page.keyboard.press("h")
        assert status_of(comment) == Status.PENDING


def test_block(page: Page, queue, site, user, article):
    spam = [make_comment(article, text=f"https://casino.example/{n}") for n in range(2)]
    log_in(page, site, user)
    page.goto(queue)
    with page.expect_navigation():
        page.keyboard.type("jb")
    assert {status_of(comment) for comment in spam} == {Status.SPAM}


@pytest.mark.parametrize("javascript", [True, False])
def test_the_focus_leads_on_and_back(new_context, queue, site, user, article, javascript):
    one, two, three = (make_comment(article) for _ in range(3))
    page = new_context(java_script_enabled=javascript).new_page()
    log_in(page, site, user)
    page.goto(queue)
    page.locator(f"button[value='spam:{one.pk}']").first.click()
    expect(page.locator(f"#comment-{two.pk}")).to_be_focused()
    page.locator(f"button[value='approve:{two.pk}']").click()
    expect(page.locator(f"#comment-{three.pk}")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f"#comment-{two.pk}")).to_be_focused()


def test_what_was_done_is_said_aloud_while_the_focus_moves(page: Page, queue, site, user, article):
    one, two = make_comment(article), make_comment(article)
    page.add_init_script(LISTEN)
    log_in(page, site, user)
    page.goto(queue)
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("a")

    expect(page.locator("html")).to_have_attribute("data-spoken", "Approved 1 comment. Undo")
    assert focused(page) == two.pk, "saying it has not moved the focus"
    expect(page).to_have_title(re.compile(r"^Approved 1 comment\. \|"))
    assert status_of(one) == Status.APPROVED


def test_a_key_held_down_decides_about_one(page: Page, queue, site, user, article):
    comments = [make_comment(article) for _ in range(4)]
    log_in(page, site, user)
    page.goto(queue)
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.down("s")
        page.keyboard.down("s")
    page.keyboard.down("s")
    page.keyboard.up("s")

    states = [status_of(comment) for comment in comments]
    assert states == [Status.SPAM, *[Status.PENDING] * 3]


def test_a_refused_reply_is_given_back_open(page: Page, queue, site, user, article):
    comment = make_comment(article)
    log_in(page, site, user)
    page.goto(queue)
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.locator("textarea:focus").fill("x" * 10_001)
    page.get_by_role("button", name="Approve and reply").click()

    expect(page.locator(f"#reply-{comment.pk}")).to_have_value("x" * 10_001)
    expect(page.locator(f"#error-{comment.pk}")).to_contain_text("10,000 is the most we can take")
    expect(page.locator(f"#reply-{comment.pk}")).to_be_focused()
    assert status_of(comment) == Status.PENDING


@pytest.mark.parametrize("javascript", [True, False])
def test_who_gave_no_name_can_type_it_at_once(new_context, queue, site, moderator, javascript):
    comment = make_comment()
    page = new_context(java_script_enabled=javascript).new_page()
    log_in(page, site, moderator)
    page.goto(queue)
    page.locator(f"#comment-{comment.pk} .queue-reply summary").click()
    page.locator(f"#reply-{comment.pk}").fill(ANSWER)
    page.get_by_role("button", name="Approve and reply").click()

    expect(page.locator(f"#name-{comment.pk}")).to_be_focused()
    page.keyboard.type("Ada")
    page.get_by_role("button", name="Approve and reply").click()
    expect(page.get_by_text("Approved the comment and published your reply.")).to_be_visible()


def test_a_bulk_act_asks_nothing_and_keeps_what_is_typed(page: Page, queue, site, user, article):
    one, two, three = (make_comment(article) for _ in range(3))
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    log_in(page, site, user)
    page.goto(queue)
    keys = Keyboard(page)
    keys.press("j", "r")
    keys.type(ANSWER)
    keys.press("Escape", "j", "x")
    keys.act("Shift+S")

    assert asked == []
    assert [status_of(comment) for comment in (one, two)] == [Status.PENDING, Status.SPAM]
    expect(page.locator(f"#reply-{one.pk}")).to_have_value(ANSWER)
    assert focused(page) == three.pk, "the row after the selected"
    keys.act("a")
    assert status_of(three) == Status.APPROVED


def test_keys_live_on_when_sending_was_cancelled(page: Page, queue, site, user, article):
    comment = make_comment(article)
    log_in(page, site, user)
    page.goto(queue)
    once = "addEventListener('submit', (event) => event.preventDefault(), {once: true})"
    page.evaluate(f"document.querySelector('#changelist-form').{once}")
    keys = Keyboard(page)
    keys.press("j", "s")
    assert status_of(comment) == Status.PENDING
    keys.act("a")
    assert status_of(comment) == Status.APPROVED


def test_without_javascript_a_bulk_act_leads_on(new_context, queue, site, user, article):
    one, two = make_comment(article), make_comment(article)
    page = new_context(java_script_enabled=False).new_page()
    log_in(page, site, user)
    page.goto(queue)
    page.locator(f"#comment-{one.pk} .action-select").check()
    page.locator("select[name=action]").select_option("spam")
    page.get_by_role("button", name="Go").click()
    expect(page.locator(f"#comment-{two.pk}")).to_be_focused()
