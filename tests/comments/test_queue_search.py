"""The search of the queue, and what becomes of an address that is typed there."""

import time

import pytest
from django.urls import reverse

from comments.models import Comment, Status
from comments.moderation import likeness
from tests.builders import make_comment, make_user
from tests.comments.queue import MARKER, QUEUE, body, shown, status_of


def search(client, term: str, query: str = ""):
    return client.post(QUEUE + query, {"_search": term}, follow=True)


def test_what_is_searched_for_is_posted_and_leads_to_a_list(moderating, article):
    found = make_comment(article, text="a needle in the hay")
    make_comment(article)

    answer = moderating.post(f"{QUEUE}?status=all&p=2&q=hay&order=newest", {"_search": " needle "})

    assert answer.url == f"{QUEUE}?status=all&order=newest&q=needle"
    assert shown(moderating.get(answer.url)) == [found.pk]


def test_an_empty_search_shows_everything_again(moderating, pending_comment):
    answer = moderating.post(f"{QUEUE}?q=needle", {"_search": ""})

    assert answer.url == QUEUE


def test_names_hosts_and_links_are_found(moderating, article):
    comment = make_comment(
        article,
        author_name="Zoë",
        author_url="https://zoe-site.example/",
        text="See https://linked.example/page",
    )
    make_comment(article)

    for term in ("Zoë", "zoe-site.example", "linked.example"):
        assert shown(search(moderating, term)) == [comment.pk], term


@pytest.mark.parametrize(
    "term",
    [MARKER, f"from {MARKER} again", "me@mailbox", "ünicode@x.example", "me＠mailbox.example"],
)
def test_an_address_is_neither_searched_nor_echoed(moderating, article, term):
    comment = make_comment(article, text=f"Write to {MARKER}", address=MARKER)
    query = "?status=all"

    answer = moderating.post(QUEUE + query, {"_search": term})
    page = moderating.get(answer.url)

    assert answer.url == QUEUE + query, "no address of a page holds it"
    assert "Email addresses are not searched for here. Ask somebody who may see them." in body(page)
    assert f'value="{term}"' not in body(page)
    assert shown(page) == [comment.pk], "nothing was left out either"


@pytest.mark.parametrize("term", ["x" * 501, "x" * 2_000_000, f"{MARKER} {'x' * 500}"])
@pytest.mark.parametrize("ask", ["get", "post"])
def test_what_is_too_long_is_not_looked_for(moderating, pending_comment, term, ask):
    """Soon answered as well, however many letters without a blank were posted."""
    if ask == "get" and len(term) > 10_000:
        pytest.skip("No address is as long as that.")
    before = time.process_time()

    answer = getattr(moderating, ask)(QUEUE, {"q" if ask == "get" else "_search": term})

    assert time.process_time() - before < 1, "seconds"
    assert answer.url == QUEUE
    page = moderating.get(answer.url)
    assert "At most 20 words of 500 letters in all are searched for at once." in body(page)
    assert shown(page) == [pending_comment.pk]


def test_500_letters_are_looked_for(moderating, article):
    comment = make_comment(article, text="x" * 500)

    assert shown(search(moderating, "x" * 500)) == [comment.pk]


def test_who_may_see_addresses_is_led_to_where_they_are_found(revealing, pending_comment):
    page = body(search(revealing, MARKER))

    place = reverse("admin:comments_comment_by_address")
    assert f'<a href="{place}">Find by address</a> does that.' in page
    assert MARKER not in page


def test_an_address_put_into_the_address_bar_is_taken_out_of_it(moderating, pending_comment):
    answer = moderating.get(QUEUE, {"q": MARKER, "status": "spam"})

    assert (answer.status_code, answer.url) == (302, f"{QUEUE}?status=spam")


@pytest.mark.parametrize("term", ["@zoe", "5 @ once", "a @b"])
def test_an_at_sign_alone_is_no_address(moderating, article, term):
    comment = make_comment(article, text=f"so said {term} yesterday")

    assert shown(search(moderating, term)) == [comment.pk]


def test_whoever_may_look_may_search_and_does_nothing_else_by_it(client, pending_comment):
    client.force_login(make_user("comments.view_comment"))
    pk = pending_comment.pk

    answer = client.post(QUEUE, {"_search": "x", "_moderate": f"spam:{pk}"})

    assert answer.url == f"{QUEUE}?q=x"
    assert status_of(pending_comment) == Status.PENDING


def test_strangers_search_nothing(client, pending_comment):
    client.force_login(make_user())

    assert client.post(QUEUE, {"_search": "x"}).status_code == 403
    assert client.get(QUEUE, {"q": MARKER}).status_code == 403
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Спасибо за статью", "спасибо"),
        ("спасибо за статью", "СПАСИБО статью"),
        ("ÜBER ALLES", "über"),
        ("über (alles).*", "Über (ALLES).*"),
        ("Спасибо за статью", '"За Статью"'),
        ("it's a straße", "it's STRAßE"),
    ],
)
def test_capitals_make_no_difference_in_any_script(moderating, article, term, text):
    comment = make_comment(article, text=text)
    make_comment(article, text="anderswo")

    assert shown(moderating.get(QUEUE, {"q": term})) == [comment.pk]
    assert shown(moderating.get(QUEUE, {"q": f"{term} нет"})) == []


@pytest.mark.parametrize("term", ["ü.", "ü*", "(ü", "ü\\", '"ü', "'"])
def test_no_search_is_a_pattern(moderating, article, term):
    make_comment(article, text="über")

    assert shown(moderating.get(QUEUE, {"q": term})) == []


def test_hosts_of_any_script_are_found_in_capitals_too(article):
    comment = make_comment(article, text="See https://ПРИМЕР.example/ here")
    like = likeness.named("host:пример.example")

    assert list(like.among(Comment.objects.all())) == [comment]
