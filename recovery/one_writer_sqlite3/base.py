"""SQLite as Django has it, but that transactions and single statements that write queue (see ``turns``)."""

import re
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from recovery.one_writer_sqlite3.turns import Turns, turns_of

# What reads, or is about transactions and settings of the connection; anything else may write.
_READS = re.compile(
    r"\s*(?:SELECT|PRAGMA|EXPLAIN|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|END)\b", re.IGNORECASE
)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that has the turn from the beginning of each transaction to its end."""

    _turn: Turns | None = None

    def create_cursor(self, name: str | None = None) -> "Cursor":
        cursor: Cursor = self.connection.cursor(factory=Cursor)
        cursor.owner = self
        return cursor

    def take_turn(self) -> None:
        """Wait until no other writes; "locked", as SQLite says it, when that takes too long."""
        if self._turn is not None or self.is_in_memory_db():
            return
        turns = turns_of(str(self.settings_dict["NAME"]))
        try:
            turns.take(self.settings_dict["OPTIONS"].get("timeout", 5.0))
        except TimeoutError as error:
            raise OperationalError("database is locked") from error
        self._turn = turns

    def give_turn(self) -> None:
        """Let others write, unless a transaction is under way."""
        turn = self._turn
        if turn is not None and not self.is_in_transaction:
            self._turn = None
            turn.give()

    @property
    def is_in_transaction(self) -> bool:
        """Whether SQLite itself is in a transaction now."""
        return self.connection is not None and self.connection.in_transaction

    def _start_transaction_under_autocommit(self) -> None:
        self.take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        finally:
            # Had it not begun.
            self.give_turn()

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self.give_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self.give_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            turn, self._turn = self._turn, None
            if turn is not None:
                turn.give()


class Cursor(base.SQLiteCursorWrapper):
    """A cursor that takes the turn for what is written outside of any transaction."""

    owner: DatabaseWrapper

    def execute(self, query: str, params: Any = None) -> Any:
        if self.owner.is_in_transaction or _READS.match(query):
            return super().execute(query, params)
        self.owner.take_turn()
        try:
            return super().execute(query, params)
        finally:
            # What returns rows is committed with the last of them, or when the cursor is closed.
            if self.description is None:
                self.owner.give_turn()

    def executemany(self, query: str, param_list: Any) -> Any:
        if self.owner.is_in_transaction:
            return super().executemany(query, param_list)
        self.owner.take_turn()
        try:
            return super().executemany(query, param_list)
        finally:
            self.owner.give_turn()

    def close(self) -> None:
        super().close()
        self.owner.give_turn()
