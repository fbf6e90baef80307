"""The connection has the turn exactly while it may write."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from comments.models import Comment, NetworkUse
from recovery.one_writer_sqlite3.base import DatabaseWrapper
from recovery.one_writer_sqlite3.turns import turns_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connections.settings["default"]["ENGINE"] != "recovery.one_writer_sqlite3",
        reason="SQLite's backend",
    ),
]


def has_turn() -> bool:
    return turns_of(str(connection.settings_dict["NAME"]))._is_taken


def use() -> NetworkUse:
    return NetworkUse.objects.create(key="k", act="a")


def test_a_transaction_has_it_from_beginning_to_end(article):
    assert not has_turn()
    with transaction.atomic():
        assert has_turn()
        use()
        with transaction.atomic():
            use()
        assert has_turn()
    assert not has_turn()


def test_it_is_given_when_a_transaction_is_taken_back(article):
    with transaction.atomic():
        use()
        transaction.set_rollback(True)
    assert not has_turn()
    assert not NetworkUse.objects.exists()


def test_it_is_given_when_the_commit_fails(article):
    with pytest.raises(IntegrityError), transaction.atomic():
        # Looked at when it is committed: there is no such article.
        Comment.objects.bulk_create([Comment(article_id=10**6, author_name="Ann", text="x")])
    assert not has_turn()


def test_single_statements_have_it_too(article):
    seen = []
    take = DatabaseWrapper.take_turn

    def noted(self):
        take(self)
        seen.append(has_turn())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseWrapper, "take_turn", noted)
        row = use()
        NetworkUse.objects.filter(pk=row.pk).update(act="b")
        row.delete()
    assert seen[:2] == [True, True]
    assert not has_turn()


def test_what_is_returned_is_read_before_it_is_given(article):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO comments_networkuse (key, act, at) VALUES ('k', 'a', '2026-01-01') RETURNING id"
        )
        assert has_turn()
        assert cursor.fetchone()
    assert not has_turn()


def test_many_at_once_have_it(article):
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO comments_networkuse (key, act, at) VALUES (%s, 'a', '2026-01-01')",
            [("k",), ("l",)],
        )
        assert not has_turn()
    assert NetworkUse.objects.count() == 2


@pytest.mark.parametrize("broken", ["INSERT INTO nowhere VALUES (1)", "DELETE FROM nowhere"])
def test_it_is_given_when_a_statement_fails(article, broken):
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute(broken)
    assert not has_turn()


def test_it_is_given_when_the_connection_goes(article):
    with connection.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
    actual: Any = connections["default"]
    actual.take_turn()
    connection.close()
    assert not has_turn()


@pytest.mark.parametrize(
    "sql",
    ["SELECT 1", "  select 1", "PRAGMA user_version", "EXPLAIN SELECT 1", "SAVEPOINT a"],
)
def test_who_reads_does_not_wait(article, sql):
    turns = turns_of(str(connection.settings_dict["NAME"]))
    turns.take(1)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    finally:
        turns.give()
        connection.close()


def test_who_waits_too_long_is_told_locked(article, monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.01)
    turns = turns_of(str(connection.settings_dict["NAME"]))
    turns.take(1)
    try:
        with pytest.raises(OperationalError, match="locked"):
            use()
        with pytest.raises(OperationalError, match="locked"), transaction.atomic():
            use()
    finally:
        turns.give()
    use()


def test_a_transaction_that_cannot_begin_gives_it_back(article):
    actual: Any = connections["default"]
    actual.ensure_connection()
    mode, actual.transaction_mode = actual.transaction_mode, "NONSENSE"
    try:
        with pytest.raises(OperationalError), transaction.atomic():
            pass
    finally:
        actual.transaction_mode = mode
    assert not has_turn()


def test_sixty_four_threads_that_write_are_never_told_locked(article):
    failures = []

    def write():
        try:
            for _ in range(5):
                use()
                with transaction.atomic():
                    use()
        except Exception as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert not failures
    assert NetworkUse.objects.count() == 640
