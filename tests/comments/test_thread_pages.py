"""An article with many responses: fifty threads a page, bounded threads, permalinks that last."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from comments import thread_pages
from comments.models import FIRST_SHOWN, Comment, Status
from comments.thread_pages import MORE_REPLIES_SHOWN, REPLIES_SHOWN, THREADS_SHOWN, Place, read
from tests.builders import make_article, make_comment, make_pingback

pytestmark = pytest.mark.django_db

BEGIN = timezone.now() - datetime.timedelta(days=30)


def make_many(article, number, **kwargs):
    """Return so many approved comments, written at once, a second apart."""
    start = Comment.objects.filter(article=article).count()
    made = []
    for nth in range(start, start + number):
        moment = BEGIN + datetime.timedelta(seconds=nth)
        comment = Comment(
            article=article,
            author_name=f"Reader {nth}",
            text=f"Number {nth}.",
            text_html=f"<p>Number {nth}.</p>",
            status=Status.APPROVED,
            created_at=moment,
            is_late=nth >= FIRST_SHOWN,
            **kwargs,
        )
        made.append(comment)
    return Comment.objects.bulk_create(made)


def shown(client, address):
    """Return the numbers of the comments that a page shows, in order."""
    response = client.get(address)
    assert response.status_code == 200, address
    return [int(pk) for pk in re.findall(r'<li id="comment-(\d+)"', response.content.decode())]


class TestPages:
    def test_the_first_fifty_threads_and_the_others_page_by_page(self, client, article):
        comments = [one.pk for one in make_many(article, 2 * THREADS_SHOWN + 3)]
        address = article.get_absolute_url()
        assert shown(client, address) == comments[:THREADS_SHOWN]
        assert shown(client, f"{address}?page=2") == comments[THREADS_SHOWN : 2 * THREADS_SHOWN]
        assert shown(client, f"{address}?page=3") == comments[2 * THREADS_SHOWN :]

    def test_links_lead_from_page_to_page_and_the_heading_counts_all(self, client, article):
        make_many(article, 2 * THREADS_SHOWN + 3)
        address = article.get_absolute_url()
        first = client.get(address).content.decode()
        assert "103 responses to" in first
        assert f'<a rel="next" href="{address}?page=2#responses">Newer responses</a>' in first
        assert "Older responses" not in first
        second = client.get(f"{address}?page=2").content.decode()
        assert "103 responses to" in second
        assert f'<a rel="prev" href="{address}#responses">Older responses</a>' in second
        assert f'href="{address}?page=3#responses"' in second
        assert "Page 2 of 3" in second
        assert "Newer responses" not in client.get(f"{address}?page=3").content.decode()

    def test_fifty_threads_need_no_second_page(self, client, article):
        make_many(article, THREADS_SHOWN)
        page = client.get(article.get_absolute_url()).content.decode()
        assert "Pages of responses" not in page

    @pytest.mark.parametrize(
        "query",
        [
            "page=0",
            "page=3",
            "page=x",
            "page=",
            "page=-1",
            "page=9" * 20,
            "thread=x",
            "thread=0",
            "thread=999999",
            "thread=1&page=0",
        ],
    )
    def test_a_page_that_nothing_links_to_is_not_found(self, client, article, query):
        make_many(article, THREADS_SHOWN + 1)
        assert client.get(f"{article.get_absolute_url()}?{query}").status_code == 404

    @pytest.mark.parametrize(
        ("asked", "canonical", "title"),
        [
            ("", "", ""),
            ("?page=1", "", ""),
            ("?reply={head}", "", ""),
            ("?page=2", "?page=2", ", page 2"),
            ("?thread={head}", "?thread={head}", ", one thread"),
            (
                "?thread={head}&page=2",
                "?thread={head}&amp;page=2",
                ", one thread, page 2",
            ),
        ],
    )
    def test_each_page_is_found_by_its_own_address(self, client, article, asked, canonical, title):
        first, *_ = make_many(article, THREADS_SHOWN + 1)
        make_many(article, MORE_REPLIES_SHOWN + 1, parent=first, head=first)
        address = article.get_absolute_url()
        page = client.get(address + asked.format(head=first.pk)).content.decode()
        expected = re.escape(address + canonical.format(head=first.pk))
        assert re.search(rf'rel="canonical" href="[^"?]*{expected}"', page)
        assert f"<title>{article.title}{title} – " in page

    def test_a_reply_that_is_refused_comes_back_with_the_first_page(self, client, article):
        make_many(article, THREADS_SHOWN + 1)
        answer = client.post(reverse("reply", args=[article.slug]), {"comment": "Yes."})
        assert answer.status_code in (400, 403)
        assert answer.content.decode().count('<li id="comment-') == THREADS_SHOWN


class TestHiddenHeads:
    def test_a_thread_stays_where_it_began_when_its_head_is_hidden(self, article):
        first, second = make_many(article, 2)
        reply = make_comment(article, parent=first, status=Status.APPROVED)
        first.hold()
        assert [one.comment.pk for one in read(article).responses] == [reply.pk, second.pk]

    def test_a_head_that_is_purged_leaves_its_replies_as_threads_of_their_own(self, article):
        (head,) = make_many(article, 1)
        one = make_comment(article, parent=head, status=Status.APPROVED)
        below = make_comment(article, parent=one, status=Status.APPROVED)
        lowest = make_comment(article, parent=below, status=Status.APPROVED)
        other = make_comment(article, parent=head, status=Status.APPROVED)
        head.move_to_trash()
        Comment.objects.filter(pk=head.pk).purge()
        heads = dict(Comment.objects.values_list("pk", "head"))
        assert heads == {one.pk: None, below.pk: one.pk, lowest.pk: one.pk, other.pk: None}
        page = read(article)
        assert [(each.comment.pk, each.depth) for each in page.responses] == [
            (one.pk, 1),
            (below.pk, 2),
            (lowest.pk, 3),
            (other.pk, 1),
        ]
        assert (page.tally.threads, page.tally.responses) == (2, 4)

    def test_what_hangs_below_several_hidden_ones_stays_in_its_thread(self, article):
        (head,) = make_many(article, 1)
        way = [head]
        for _ in range(5):
            way.append(make_comment(article, parent=way[-1], status=Status.APPROVED))
        for hidden in way[1:-1]:
            hidden.move_to_trash()
        assert [each.depth for each in read(article).responses] == [1, 2]


class TestLongThreads:
    @pytest.fixture
    def head(self, article):
        (head,) = make_many(article, 1)
        return head

    def test_some_replies_are_shown_and_a_link_to_the_rest(self, client, article, head):
        make_many(article, REPLIES_SHOWN + 7, parent=head, head=head)
        address = article.get_absolute_url()
        assert len(shown(client, address)) == 1 + REPLIES_SHOWN
        page = client.get(address).content.decode()
        assert f'<a href="{address}?thread={head.pk}#responses">7 more replies</a>' in page
        assert f"{REPLIES_SHOWN + 8} responses to" in page

    def test_as_many_as_are_shown_need_no_link(self, client, article, head):
        make_many(article, REPLIES_SHOWN, parent=head, head=head)
        assert "more repl" not in client.get(article.get_absolute_url()).content.decode()

    def test_beside_others_each_thread_ends_by_itself(self, client, article, head):
        make_many(article, REPLIES_SHOWN + 1, parent=head, head=head)
        (other,) = make_many(article, 1)
        make_many(article, REPLIES_SHOWN + 2, parent=other, head=other)
        (short,) = make_many(article, 1)
        (last,) = make_many(article, 1, parent=short, head=short)
        page = client.get(article.get_absolute_url()).content.decode()
        assert "One more reply" in page
        assert "2 more replies" in page
        assert shown(client, article.get_absolute_url())[-2:] == [short.pk, last.pk]

    def test_the_page_of_a_thread_shows_its_head_and_more_replies_each(self, client, article, head):
        replies = [
            one.pk for one in make_many(article, MORE_REPLIES_SHOWN + 3, parent=head, head=head)
        ]
        address = f"{article.get_absolute_url()}?thread={head.pk}"
        assert shown(client, address) == [head.pk, *replies[:MORE_REPLIES_SHOWN]]
        assert shown(client, f"{address}&page=2") == [head.pk, *replies[MORE_REPLIES_SHOWN:]]
        assert client.get(f"{address}&page=3").status_code == 404

    def test_whom_a_reply_answers_is_linked_where_it_is_on_another_page(
        self, client, article, head
    ):
        replies = make_many(article, MORE_REPLIES_SHOWN, parent=head, head=head)
        make_many(article, 1, parent=replies[0], head=head)
        address = article.get_absolute_url()
        page = client.get(f"{address}?thread={head.pk}&page=2").content.decode()
        link = f"?comment={replies[0].pk}#comment-{replies[0].pk}"
        assert f'in reply to <a href="{link}" dir="auto">Reader 1</a>' in page

    def test_a_deep_thread_is_bounded_too(self, client, article, head):
        above, chain = head, []
        for nth in range(REPLIES_SHOWN + 5):
            above = Comment.objects.create(
                article=article,
                parent=above,
                head=head,
                status=Status.APPROVED,
                author_name=f"Deep {nth}",
                created_at=BEGIN + datetime.timedelta(hours=1 + nth),
            )
            chain.append(above.pk)
        assert shown(client, article.get_absolute_url()) == [head.pk, *chain[:REPLIES_SHOWN]]

    def test_threads_of_other_articles_are_not_shown(self, client, head):
        elsewhere = make_article()
        assert client.get(f"{elsewhere.get_absolute_url()}?thread={head.pk}").status_code == 404


class TestPermalinks:
    def test_what_came_early_has_a_plain_one(self, article):
        comment = make_comment(article, status=Status.APPROVED)
        assert comment.get_absolute_url() == f"{article.get_absolute_url()}#comment-{comment.pk}"

    def test_what_came_late_is_named_to_the_server(self, article):
        make_many(article, FIRST_SHOWN)
        late = make_comment(article, status=Status.APPROVED)
        address = f"{article.get_absolute_url()}?comment={late.pk}#comment-{late.pk}"
        assert late.get_absolute_url() == address

    def test_the_fiftieth_is_not_late(self, article):
        make_many(article, FIRST_SHOWN - 1)
        assert not make_comment(article).is_late
        assert make_comment(article).is_late

    def test_spam_before_it_changes_nothing_for_the_first_page(self, client, article):
        make_many(article, FIRST_SHOWN)
        late = make_comment(article, status=Status.APPROVED)
        Comment.objects.filter(article=article).exclude(pk=late.pk).update(status=Status.SPAM)
        answer = client.get(late.get_absolute_url())
        assert answer["Location"] == f"{article.get_absolute_url()}#comment-{late.pk}"

    def test_each_leads_to_the_page_that_shows_the_comment(self, client, article):
        comments = make_many(article, 2 * THREADS_SHOWN + 1)
        replies = make_many(article, REPLIES_SHOWN + 1, parent=comments[60], head=comments[60])
        for comment in [*comments[::10], comments[-1], *replies[::25], replies[-1]]:
            address, place = client.get(f"{article.get_absolute_url()}?comment={comment.pk}")[
                "Location"
            ].split("#")
            assert place == f"comment-{comment.pk}"
            assert comment.pk in shown(client, address)

    def test_into_a_long_thread(self, client, article):
        (head,) = make_many(article, 1)
        replies = make_many(article, MORE_REPLIES_SHOWN + 1, parent=head, head=head)
        found = [
            client.get(f"{article.get_absolute_url()}?comment={one.pk}")["Location"].split("?")[-1]
            for one in (replies[REPLIES_SHOWN], replies[-1])
        ]
        assert found == [
            f"thread={head.pk}#comment-{replies[REPLIES_SHOWN].pk}",
            f"thread={head.pk}&page=2#comment-{replies[-1].pk}",
        ]

    @pytest.mark.parametrize("status", [Status.PENDING, Status.SPAM, Status.TRASH])
    def test_to_what_nobody_sees_it_leads_to_the_conversation(self, client, article, status):
        hidden = make_comment(article, status=status)
        answer = client.get(f"{article.get_absolute_url()}?comment={hidden.pk}")
        assert answer["Location"] == f"{article.get_absolute_url()}#responses"

    @pytest.mark.parametrize("value", ["", "x", "0", "999999", "9" * 40, "-1", "١"])
    def test_nonsense_leads_to_the_conversation(self, client, article, value):
        answer = client.get(f"{article.get_absolute_url()}?comment={value}")
        assert answer["Location"] == f"{article.get_absolute_url()}#responses"

    def test_a_comment_of_another_article_is_not_led_to(self, client, article):
        foreign = make_comment(status=Status.APPROVED)
        answer = client.get(f"{article.get_absolute_url()}?comment={foreign.pk}")
        assert answer["Location"].endswith("#responses")

    def test_on_the_page_itself(self, client, article):
        comments = make_many(article, FIRST_SHOWN + 1)
        address = article.get_absolute_url()
        first = client.get(address).content.decode()
        assert f'href="{address}#comment-{comments[0].pk}"' in first
        second = client.get(f"{address}?page=2").content.decode()
        last = comments[-1].pk
        assert f'href="{address}?comment={last}#comment-{last}"' in second

    def test_from_the_queue_and_the_own_page(self, client, article, moderator):
        make_many(article, FIRST_SHOWN)
        late = make_comment(article, status=Status.APPROVED)
        link = f'href="{late.get_absolute_url()}"'
        assert link in client.get(late.private_path).content.decode()
        client.force_login(moderator)
        queue = reverse("admin:comments_comment_changelist")
        assert link in client.get(f"{queue}?status=approved").content.decode()

    def test_of_linkbacks_too(self, client, article):
        make_many(article, FIRST_SHOWN)
        pingback = make_pingback(article, status=Status.APPROVED)
        assert f"?comment={pingback.pk}#" in pingback.get_absolute_url()
        address = client.get(pingback.get_absolute_url())["Location"].partition("#")[0]
        assert pingback.pk in shown(client, address)


class TestCost:
    @pytest.mark.parametrize(("heads", "replies"), [(0, 0), (20, 0), (60, 0), (3, 3), (2, 300)])
    def test_eight_queries_whatever_there_is(
        self, client, article, heads, replies, django_assert_max_num_queries
    ):
        for head in make_many(article, heads):
            make_many(article, replies, parent=head, head=head)
        for query in ["", *(["?page=2"] if heads > THREADS_SHOWN else [])]:
            with django_assert_max_num_queries(8):
                assert client.get(f"{article.get_absolute_url()}{query}").status_code == 200

    @pytest.mark.parametrize("number", [40, 400])
    def test_a_page_reads_no_more_rows_than_it_shows(self, article, monkeypatch, number):
        """Two threads with very many replies each: rows that come from the database are counted."""
        for head in make_many(article, 2):
            make_many(article, number, parent=head, head=head)
        rows, said = [], thread_pages._said

        def counted(row, **how):
            rows.append(row)
            return said(row, **how)

        monkeypatch.setattr(thread_pages, "_said", counted)
        read(article)
        assert len(rows) == 2 + 2 * min(number, REPLIES_SHOWN)

    def test_two_queries_for_the_responses(self, article, django_assert_num_queries):
        for head in make_many(article, 60):
            make_many(article, 1, parent=head, head=head)
        for place in (Place(), Place(2)):
            with django_assert_num_queries(2):
                read(article, place)
