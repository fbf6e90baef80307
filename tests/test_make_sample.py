"""``manage.py make_sample``: a made-up site that holds what a real one does."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F

from articles import derived
from articles.models import Article, FaqEntry, Tag
from articles.search.finding import search
from comments import contacts
from comments.linkbacks.models import Linkback
from comments.models import Comment, Contact, Kind, ModerationEvent, Status, Tally, digest
from comments.rendering import render_reply
from recovery.models import PageChange
from recovery.page_cache import triggers
from recovery.sample import Sample, shares
from tests.builders import make_comment, make_user

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    def isatty(self):
        return True


def make_sample(*options, out=None):
    said = out or io.StringIO()
    call_command("make_sample", *options, stdout=said)
    return said.getvalue()


@pytest.fixture
def sample(db):
    make_sample("--articles", "20", "--comments", "1500")


class TestWhatItMakes:
    def test_as_much_as_was_asked_for(self, sample):
        assert (Article.objects.published().count(), Comment.objects.count()) == (20, 1500)
        assert ModerationEvent.objects.count() == 1500

    def test_most_is_approved_and_some_is_not(self, sample):
        shares = dict(Comment.objects.values_list("status").annotate(Count("pk")).order_by())
        for status, low, high in (
            (Status.APPROVED, 0.86, 0.94),
            (Status.SPAM, 0.03, 0.07),
            (Status.PENDING, 0.015, 0.045),
            (Status.TRASH, 0.008, 0.035),
        ):
            assert low <= shares[status] / 1500 <= high, status

    def test_threads_are_whole_and_some_are_deep(self, sample):
        replies = Comment.objects.exclude(parent=None).select_related("parent")
        assert replies.count() > 300
        for reply in replies:
            assert reply.parent.article_id == reply.article_id
            assert reply.parent.created_at < reply.created_at
            assert reply.head_id == (reply.parent.head_id or reply.parent_id)
        parents = dict(Comment.objects.values_list("pk", "parent"))
        assert max(depth(pk, parents) for pk in parents) >= 6

    def test_texts_are_rendered_as_those_of_readers(self, sample):
        for comment in Comment.objects.filter(kind=Kind.REPLY)[:20]:
            assert comment.text_html == render_reply(comment.text)
            assert comment.text_digest == digest(comment.text)

    def test_linkbacks_have_their_pages(self, sample):
        linkbacks = Comment.objects.exclude(kind=Kind.REPLY)
        assert Linkback.objects.filter(comment__in=linkbacks).count() == linkbacks.count() > 10

    def test_addresses_are_few_sealed_and_nobodys(self, sample):
        found = Contact.objects.all()
        assert 0 < found.count() <= 500
        for contact in found[:5]:
            address = contacts.address_for_mail(contact)
            assert address.endswith("@example.org")
            assert address.encode() not in bytes(contact.ciphertext)

    def test_questions_are_there(self, sample):
        assert FaqEntry.objects.filter(article__slug__startswith="sample-").count() == 8

    def test_articles_have_tags_and_some_are_parts_of_series(self, sample):
        assert all(1 <= article.tags.count() <= 4 for article in Article.objects.all())
        assert Article.objects.exclude(series=None).count() == 5
        tag = Tag.objects.order_by("-listed")[0]
        assert tag.listed == Article.objects.tagged(tag).count()

    def test_what_it_says_is_found(self, sample):
        assert search("part 12").shown[0].result.title.endswith("part 12")
        assert search("sister").total > 0

    def test_pages_work(self, sample, client):
        assert client.get("/").status_code == 200
        busiest = Article.objects.order_by("-tally__responses").first()
        page = client.get(busiest.get_absolute_url()).content.decode()
        assert "more" in page or "Newer responses" in page
        client.force_login(make_user(is_superuser=True))
        assert client.get("/admin/comments/comment/").status_code == 200

    def test_the_same_seed_makes_the_same(self, db):
        said = []
        for _ in range(2):
            Sample(5, 60, seed=3).write()
            rows = Comment.objects.order_by("pk").annotate(answers=F("pk") - F("parent"))
            said.append(list(rows.values_list("text", "status", "kind", "author_name", "answers")))
            Article.objects.all().delete()
        assert [row[1:] for row in said[0]] == [row[1:] for row in said[1]]


def depth(pk, parents):
    steps = 0
    while (pk := parents[pk]) is not None:
        steps += 1
    return steps


class TestAfterwards:
    def test_all_is_counted_and_watched_again(self, sample):
        assert triggers.missing() == derived.missing() == set()
        approved = Comment.objects.approved().in_words()
        assert sum(Tally.objects.values_list("responses", flat=True)) == approved.count()

    def test_the_site_goes_on_with_free_numbers(self, sample):
        comment = make_comment(Article.objects.first(), status=Status.APPROVED)
        assert comment.pk > 1500

    def test_triggers_come_back_after_a_failure(self, monkeypatch):
        monkeypatch.setattr(Sample, "_write_comments", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Sample(2, 2).write()
        assert triggers.missing() == derived.missing() == set()

    @pytest.mark.parametrize("step", ["remove", "install"])
    def test_pages_are_watched_again_though_counting_fails(self, monkeypatch, step):
        monkeypatch.setattr(derived, step, lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Sample(2, 2).write()
        assert triggers.missing() == set()

    def test_every_page_is_made_anew(self, db):
        PageChange.objects.all().delete()
        Sample(2, 2).write()
        assert list(PageChange.objects.values_list("key", flat=True)) == ["site"]


class TestRefusals:
    def test_a_site_that_has_articles(self, article):
        with pytest.raises(CommandError, match="There are articles here already"):
            make_sample("--articles", "1", "--comments", "0")
        assert Article.objects.count() == 1

    def test_unless_it_is_to_be_added(self, article):
        comment = make_comment(article)
        make_sample("--articles", "3", "--comments", "10", "--add")
        assert Article.objects.count() == 4
        assert Comment.objects.get(pk=comment.pk).article == article

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            (("--articles", "-1"), "--articles -1: there cannot be fewer than none."),
            (("--comments", "-5"), "--comments -5: there cannot be fewer than none."),
            (("--articles", "0"), "comments need at least one article"),
            (("--articles", "0", "--comments", "0"), "nothing to make"),
            (("--comments", "99999999999"), "10,000,000 is the most"),
        ],
    )
    def test_nonsense(self, options, sentence):
        with pytest.raises(CommandError, match=sentence):
            make_sample(*options)
        assert not Article.objects.exists()


class TestProgress:
    def test_is_a_bar_on_a_terminal(self):
        said = make_sample("--articles", "2", "--comments", "8", out=Terminal())
        assert f"\r{'█' * 40} 8 of 8 comments\n" in said

    def test_is_plain_lines_elsewhere(self):
        said = make_sample("--articles", "2", "--comments", "8")
        assert "2 of 2 articles\n8 of 8 comments\n" in said
        assert "\r" not in said
        assert "Wrote 2 articles and 8 comments in" in said


@pytest.mark.parametrize(("comments", "articles"), [(0, 3), (1, 1), (7, 3), (1000, 10), (3, 100)])
def test_shares_add_up_and_the_first_has_most(comments, articles):
    parts = list(shares(comments, articles))
    assert (sum(parts), len(parts)) == (comments, articles)
    assert min(parts) >= 0
    if comments >= 1000:
        assert parts[0] == max(parts)
