"""The numbers beside a conversation are exact, whatever changed it: the database counts itself."""

import random
from dataclasses import replace

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count, Q

from articles import derived, trigger_catalogue
from comments import tallying
from comments.models import Comment, ResponseType, Status, Tally, Thread
from recovery import preparation
from tests.builders import make_article, make_comment, make_pingback

pytestmark = pytest.mark.django_db

# Of the triggers of today, and of the release before.
PREFIXES = ("derived_tally_", "tally_")
IN_WORDS = Q(response_type__in=["mention", "reply"])


def counted():
    """Return what is in the tables of numbers."""
    tallies = {
        tally.article_id: (tally.responses, tally.threads, tally.likes, tally.reposts)
        for tally in Tally.objects.all()
        if any((tally.responses, tally.threads, tally.likes, tally.reposts))
    }
    threads = {
        row.head_id: (row.article_id, row.shown, row.began_at) for row in Thread.objects.all()
    }
    return tallies, threads


def true_numbers():
    """Return the same from the comments themselves."""
    approved = Comment.objects.filter(status=Status.APPROVED)
    threads: dict[int, tuple[object, int, object]] = {}
    for comment in approved.filter(IN_WORDS).select_related("head"):
        head = comment.head or comment
        _, number, _ = threads.get(head.pk, (0, 0, None))
        threads[head.pk] = (comment.article_id, number + 1, head.created_at)
    rows = (
        approved.order_by()
        .values_list("article")
        .annotate(
            said=Count("pk", filter=IN_WORDS),
            likes=Count("pk", filter=Q(response_type="like")),
            reposts=Count("pk", filter=Q(response_type="repost")),
        )
    )
    tallies = {
        article: (said, sum(one[0] == article for one in threads.values()), likes, reposts)
        for article, said, likes, reposts in rows
    }
    return tallies, threads


def test_an_approval_counts_and_what_is_taken_back_does_not(article):
    comment = make_comment(article)
    assert counted() == ({}, {})
    comment.approve()
    assert counted()[0] == {article.pk: (1, 1, 0, 0)}
    comment.mark_spam()
    assert counted() == ({}, {})


def test_replies_belong_to_the_thread_of_their_head(article):
    head = make_comment(article, status=Status.APPROVED)
    reply = make_comment(article, parent=head, status=Status.APPROVED)
    make_comment(article, parent=reply, status=Status.APPROVED)
    assert Thread.objects.get().shown == 3
    assert Tally.objects.get().threads == 1


def test_likes_and_reposts_are_counted_apart(article):
    for kind in ("like", "like", "repost", "mention"):
        make_pingback(article, status=Status.APPROVED, response_type=kind)
    tally = Tally.objects.get()
    assert (tally.responses, tally.threads, tally.likes, tally.reposts) == (1, 1, 2, 1)
    Comment.objects.filter(response_type="repost").update(response_type=ResponseType.LIKE)
    assert counted() == true_numbers()


def test_what_is_rolled_back_was_never_counted(article):
    comment = make_comment(article)
    with transaction.atomic():
        comment.approve()
        transaction.set_rollback(True)
    assert counted() == ({}, {})


def test_a_full_save_with_nothing_new_changes_nothing(article):
    comment = make_comment(article, status=Status.APPROVED)
    comment.save()
    assert counted() == true_numbers()


@pytest.mark.parametrize("seed", range(4))
def test_any_history_leaves_the_right_numbers(seed):
    """A hundred random acts: every kind of writing there is, singly and in bulk."""
    chance = random.Random(seed)
    articles = [make_article(), make_article()]

    def some():
        rows = list(Comment.objects.order_by("pk"))
        return chance.choice(rows) if rows else make_comment(articles[0])

    def add():
        parent = some() if chance.random() < 0.6 else None
        article = parent.article if parent else chance.choice(articles)
        kind = chance.choice(["reply", "reply", "reply", "mention", "like", "repost"])
        make_comment(
            article, parent=parent, status=chance.choice(Status.values), response_type=kind
        )

    def purge():
        Comment.objects.filter(pk__in=[some().pk, some().pk]).purge()

    acts = [
        add,
        add,
        add,
        purge,
        lambda: some().move_to(chance.choice(list(Status))),
        lambda: some().delete(),
        lambda: Comment.objects.filter(pk__gte=some().pk).update(
            status=chance.choice(Status.values)
        ),
        lambda: some().save(),
        lambda: Comment.objects.filter(pk=some().pk).update(created_at=some().created_at),
    ]
    for _ in range(60):
        chance.choice(acts)()
        assert counted() == true_numbers()
    articles[0].delete()
    assert counted() == true_numbers()
    connection.check_constraints()


def test_counting_anew_gives_the_same(article):
    head = make_comment(article, status=Status.APPROVED)
    for status in Status.values:
        make_comment(article, parent=head, status=status)
        make_pingback(article, status=status, response_type="like")
    before = counted()
    Tally.objects.update(responses=77)
    Thread.objects.update(shown=5)
    derived.remove()
    derived.install()
    assert counted() == before == true_numbers()


def functions():
    """Return the names of our functions: PostgreSQL has one for each trigger."""
    if connection.vendor != "postgresql":
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE '%tally%'")
        return {name for (name,) in cursor.fetchall() if name.startswith(PREFIXES)}


def in_place():
    return {name for name in trigger_catalogue.installed("") if name.startswith(PREFIXES)}


class TestTriggers:
    def test_are_in_place_after_migrating(self):
        assert derived.missing() == set()
        assert len(in_place()) == len(list(tallying.DERIVATION.triggers()))

    def test_come_back_and_count_what_came_meanwhile(self, article):
        derived.remove()
        assert in_place() == functions() == set()
        head = make_comment(article, status=Status.APPROVED)
        make_comment(article, status=Status.APPROVED, parent=head)
        make_pingback(article, status=Status.APPROVED, response_type="like")
        assert counted() == ({}, {})
        derived.install()
        assert counted() == true_numbers() != ({}, {})

    @pytest.mark.parametrize("is_migrated", [False, True], ids=["served", "migrated"])
    def test_those_of_the_release_before_are_replaced(self, article, is_migrated):
        """They had other names, which said nothing of what they do: beside ours all would count twice."""
        former = [replace(one, name=one.name[6:]) for one in tallying.DERIVATION.triggers()]
        derived.remove()
        trigger_catalogue.create("tally_", former)
        assert derived.missing()
        if is_migrated:
            call_command("migrate", verbosity=0)
        else:
            preparation.put_back_triggers()
        assert derived.missing() == set()
        assert {name[:14] for name in in_place()} == {"derived_tally_"}
        make_comment(article, status=Status.APPROVED)
        assert counted() == true_numbers()
        derived.remove()
        assert in_place() == functions() == set()

    def test_those_of_a_release_gone_back_to_are_noticed_beside_ours(self, article):
        former = [replace(one, name=one.name[6:]) for one in tallying.DERIVATION.triggers()]
        trigger_catalogue.create("tally_", former)
        make_comment(article, status=Status.APPROVED)
        assert counted() != true_numbers()
        assert len(derived.missing()) == len(former)
        derived.install()
        assert derived.missing() == set()
        assert counted() == true_numbers()

    def test_a_changed_definition_is_noticed_and_counted_by(self, article, monkeypatch):
        changed = [
            replace(one, when=f"({one.when}) AND 1 = 0" if one.when else "1 = 0")
            for one in tallying.DERIVATION.triggers()
        ]
        other = replace(tallying.DERIVATION, triggers=lambda: iter(changed))
        with monkeypatch.context() as patch:
            patch.setattr(derived, "derivations", [other])
            assert len(derived.missing()) == len(changed)
            derived.install()
            make_comment(article, status=Status.APPROVED)
            assert counted() == ({}, {})
        call_command("migrate", verbosity=0)
        assert counted() == true_numbers() != ({}, {})
        assert len(in_place()) == len(changed)

    def test_installing_twice_does_not_count_twice(self, article):
        derived.install()
        make_comment(article, status=Status.APPROVED)
        derived.install()
        assert Tally.objects.get().responses == 1


class TestPlacingWhatIsThere:
    """The migration of sites that have comments already."""

    def test_heads_and_lateness(self, article):
        from importlib import import_module

        migration = import_module("comments.migrations.0006_place_what_is_there")
        head = make_comment(article)
        reply = make_comment(article, parent=head)
        deeper = make_comment(article, parent=reply)
        others = [make_comment(article) for _ in range(50)]
        Comment.objects.update(head=None, is_late=False)
        with connection.cursor() as cursor:
            cursor.execute(migration.HEADS)
            cursor.execute(migration.LATE)
        heads = dict(Comment.objects.exclude(head=None).values_list("pk", "head"))
        assert heads == {reply.pk: head.pk, deeper.pk: head.pk}
        late = set(Comment.objects.filter(is_late=True).values_list("pk", flat=True))
        assert late == {comment.pk for comment in others[-3:]}
