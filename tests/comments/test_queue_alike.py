"""The queue: all from one author, one network, with one link, or alike in words, decided at once."""

import re
from html import unescape

import pytest

from comments.models import Comment, Status
from comments.moderation import folding, likeness
from comments.submission import Reply, submit
from tests.builders import make_article, make_comment, make_pingback, make_user
from tests.comments.queue import MARKER, QUEUE, body, shown, status_of, undo_value

NETWORK = "4e" * 32
GROUP = "g" * 22


def offered(page) -> dict[str, str]:
    """Return the lines of every menu “All like this”: the label of each parameter."""
    found = re.findall(r'<li><a href="[^"]*&amp;like=([^"&]+)">([^<]+)</a>', body(page))
    return {value: unescape(label) for value, label in found}


def all_field(page) -> str:
    found = re.search(r'name="all" value="([^"]*)"', body(page))
    assert found, "nothing is offered for all"
    return found[1]


def decide_about_all(client, verb: str, like: str, query: str = ""):
    place = f"{QUEUE}?like={like}{query}"
    data = {"_all": verb, "all": all_field(client.get(place))}
    return client.post(place, data, follow=True)


@pytest.fixture
def campaign(article):
    """Three that belong together in every way, and one stranger."""
    text = "Look at https://Buy.example/now today"
    common = {"address": MARKER, "network_key": NETWORK, "look_alike": GROUP, "text": text}
    alike = [make_comment(article, **common) for _ in range(3)]
    stranger = make_comment(article, address="b@x.example", network_key="5f" * 32)
    return [*alike, stranger]


LIKES = ["author:{pk}", "network:{pk}", "words:{pk}", "host:buy.example"]


def test_a_row_offers_what_leads_to_others(moderating, campaign):
    pk = campaign[0].pk
    page = moderating.get(QUEUE)

    assert {value: label for value, label in offered(page).items() if value.endswith(f":{pk}")} == {
        f"author:{pk}": "From this author (3)",
        f"network:{pk}": "From this network, within a day (3)",
        f"words:{pk}": "Alike in words (3)",
    }
    assert offered(page)["host:buy.example"] == "Linking to buy.example (3)"
    assert not [value for value in offered(page) if value.endswith(f":{campaign[3].pk}")]


@pytest.mark.parametrize("like", LIKES)
def test_each_likeness_shows_exactly_those_and_decides_about_them(moderating, campaign, like):
    *alike, stranger = campaign
    like = like.format(pk=alike[1].pk)
    page = moderating.get(QUEUE, {"like": like})
    assert shown(page) == [comment.pk for comment in alike]
    assert "3 comments, decided about at once" in body(page)
    assert "Spam all 3" in body(page)

    answer = decide_about_all(moderating, "spam", like)

    assert "Marked 3 comments as spam." in body(answer)
    assert {status_of(comment) for comment in alike} == {Status.SPAM}
    assert status_of(stranger) == Status.PENDING
    moderating.post(QUEUE, {"_undo": undo_value(answer)})
    assert {status_of(comment) for comment in alike} == {Status.PENDING}


@pytest.mark.parametrize("like", LIKES)
def test_no_page_and_no_address_holds_a_key(moderating, campaign, like):
    like = like.format(pk=campaign[0].pk)
    secrets = [MARKER, "hidden-mailbox", campaign[0].contact.blind_index, NETWORK, GROUP]

    for page in (moderating.get(QUEUE), moderating.get(QUEUE, {"like": like})):
        assert not [secret for secret in secrets if secret in body(page)]


def test_other_states_have_their_own_verbs(moderating, campaign):
    for comment in campaign[:2]:
        comment.mark_spam()
    like = f"author:{campaign[2].pk}"

    page = moderating.get(QUEUE, {"like": like, "status": "spam"})

    assert set(shown(page)) == {comment.pk for comment in campaign[:2]}
    assert "Restore all 2" in body(page)
    everything = moderating.get(QUEUE, {"like": like, "status": "all"})
    assert len(shown(everything)) == 3
    assert 'name="_all"' not in body(everything), "not the same for all"


def test_what_came_after_the_page_is_not_decided_about(moderating, article, campaign):
    like = f"network:{campaign[0].pk}"
    field = all_field(moderating.get(QUEUE, {"like": like}))
    late = make_comment(article, network_key=NETWORK)
    Comment.objects.get(pk=campaign[1].pk).mark_spam()

    answer = moderating.post(f"{QUEUE}?like={like}", {"_all": "trash", "all": field}, follow=True)

    assert status_of(late) == Status.PENDING
    assert status_of(campaign[1]) == Status.SPAM
    assert "Moved 2 comments to the trash." in body(answer)
    assert "Somebody else decided about it in the meantime." in body(answer)


def test_words_that_changed_are_not_approved_unread_with_the_others(moderating, campaign):
    like = f"author:{campaign[0].pk}"
    field = all_field(moderating.get(QUEUE, {"like": like}))
    changed = campaign[2]
    changed.set_text("Something else by now.")
    changed.save()

    moderating.post(f"{QUEUE}?like={like}", {"_all": "approve", "all": field})

    approved = Comment.objects.approved()
    assert set(approved) == set(campaign[:2])


def test_more_than_can_be_decided_about_at_once_is_said(moderating, article, monkeypatch):
    monkeypatch.setattr("comments.moderation.changelist.MOST_DECIDED", 3)
    monkeypatch.setattr(folding, "MOST_DECIDED", 3)
    comments = [make_comment(article, network_key=NETWORK) for _ in range(5)]
    like = f"network:{comments[0].pk}"
    page = body(moderating.get(QUEUE, {"like": like}))
    assert "The first 3 of 5 comments, decided about at once; then come the others" in page
    assert "Spam all 3" in page

    decide_about_all(moderating, "spam", like)

    assert [status_of(comment) for comment in comments] == ["spam"] * 3 + ["pending"] * 2


def test_nobody_sends_more_than_that(moderating, article, monkeypatch):
    monkeypatch.setattr(folding, "MOST_DECIDED", 2)
    comments = [make_comment(article) for _ in range(3)]
    field = " ".join(f"{comment.pk}:pending" for comment in comments)

    moderating.post(QUEUE, {"_all": "spam", "all": field})

    assert Comment.objects.filter(status=Status.SPAM).count() == 2


@pytest.mark.parametrize(
    "text",
    [
        "https://other.example/?to=buy.example",
        "https://notbuy.example/",
        "https://buy.example.evil.example/",
        "buy.example is a word here",
        "https://user@other.example/buy.example",
    ],
)
def test_a_host_is_matched_exactly(moderating, article, text):
    make_comment(article, text=text)
    linking = make_comment(article, text="http://BUY.example:8080/x and more")
    by_site = make_comment(article, author_url="https://buy.example/")

    page = moderating.get(QUEUE, {"like": "host:buy.example"})

    assert shown(page) == [linking.pk, by_site.pk]


def test_a_forgotten_network_is_like_nothing(moderating, article):
    comment, _ = make_comment(article), make_comment(article)

    assert shown(moderating.get(QUEUE, {"like": f"network:{comment.pk}"})) == []
    assert offered(moderating.get(QUEUE)) == {}


@pytest.mark.parametrize(
    "like", ["x", "author:", "author:x", "author:99999", "burn:1", "host:", "network:1 OR 1=1"]
)
def test_a_likeness_nobody_offered_shows_nothing(moderating, pending_comment, like):
    page = moderating.get(QUEUE, {"like": like})

    assert shown(page) == []
    assert "There is nothing like that" in body(page)
    assert "Show everything again" in body(page)


def test_folded_linkbacks_are_unfolded_there(moderating, article):
    copies = [make_pingback(article, look_alike=GROUP) for _ in range(4)]
    assert len(shown(moderating.get(QUEUE))) == 1

    page = moderating.get(QUEUE, {"like": f"words:{copies[0].pk}"})

    assert shown(page) == [copy.pk for copy in copies]


def test_who_may_only_look_is_offered_nothing(client, campaign):
    client.force_login(make_user("comments.view_comment"))
    like = f"author:{campaign[0].pk}"
    page = client.get(QUEUE, {"like": like})
    assert 'name="_all"' not in body(page)
    assert "queue-alike" not in body(page)

    field = f"{campaign[0].pk}:pending"
    assert client.post(f"{QUEUE}?like={like}", {"_all": "spam", "all": field}).status_code == 403


@pytest.mark.parametrize("field", ["x:pending", "1:burnt", "1"])
def test_what_no_page_said_is_refused(moderating, pending_comment, field):
    assert moderating.post(QUEUE, {"_all": "spam", "all": field}).status_code == 400


def test_a_page_of_alike_takes_a_constant_number_of_queries(
    moderating, article, django_assert_max_num_queries
):
    comments = [make_comment(article, network_key=NETWORK, address=MARKER) for _ in range(60)]

    for kind in ("author", "network", "words"):
        with django_assert_max_num_queries(18):
            moderating.get(QUEUE, {"like": f"{kind}:{comments[0].pk}"})


def test_hosts_of_website_and_text_are_offered_once_and_not_without_end(article):
    text = " ".join(f"https://site{n}.example/" for n in range(9))
    comment = make_comment(article, author_url="https://site3.example/me", text=text)
    uncounted = likeness.Neighbours(hosts={comment.status: None})

    found = [choice.value for choice in likeness.choices(comment, uncounted)]

    assert found == [f"host:site{n}.example" for n in (3, 0, 1, 2, 4)]


def test_replies_sent_in_the_same_words_are_decided_about_at_once(moderating, article):
    words = "Whoever needs a loan at once should write to me, I have one for you"
    one, other = (
        submit(Reply(article=place, text=text, author_name="Ann", network=text[-9:]))
        for place, text in ((article, words), (make_article(), f"{words} too"))
    )

    page = moderating.get(QUEUE)
    assert set(shown(page)) == {one.pk, other.pk}, "each keeps a row of its own"
    assert offered(page)[f"words:{one.pk}"] == "Alike in words (2)"
    decide_about_all(moderating, "spam", f"words:{other.pk}")

    assert status_of(one) == status_of(other) == Status.SPAM


@pytest.mark.parametrize("tab", ["pending", "all"])
def test_a_menu_counts_what_one_decision_would_be_about(moderating, campaign, tab):
    one, two, three, _ = campaign
    two.mark_spam()
    page = moderating.get(QUEUE, {"status": tab})
    for pk in (one.pk, three.pk):
        ours = {value: label for value, label in offered(page).items() if value.endswith(f":{pk}")}
        assert list(ours.values()) == [
            "From this author (2)", "From this network, within a day (2)", "Alike in words (2)",
        ]  # fmt: skip
    assert offered(page)["host:buy.example"] == "Linking to buy.example (2)"

    three.mark_spam()

    assert offered(moderating.get(QUEUE)) == {}, "the others are in another tab"


def test_one_alone_is_not_decided_about_at_once(moderating, campaign):
    page = moderating.get(QUEUE, {"like": f"author:{campaign[3].pk}"})

    assert shown(page) == [campaign[3].pk]
    assert 'name="_all"' not in body(page)


def test_hosts_among_too_many_are_offered_without_a_count(moderating, campaign, monkeypatch):
    monkeypatch.setattr(likeness, "MOST_COUNTED", 3)

    assert offered(moderating.get(QUEUE))["host:buy.example"] == "Linking to buy.example"
