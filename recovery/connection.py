"""HTTP/1.1 with one client: kept pages are answered here, everything else goes to the gateway.

Uvicorn parses (llhttp) and frames; this adds what a blog on the open net needs. Who asks for a kept page
gets it at once: without a task, and for a request whose very bytes were seen before, without parsing. Those that
came in together are answered together, after one look at the database. Who sends or reads too slowly is
taken leave of (``recovery.patience``), without a timer for each connection: ``look_after`` is called
once a second.
"""

import asyncio
from email.utils import formatdate
from enum import Enum
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from recovery.page_cache.front import Front
from recovery.page_cache.requests import Wanted
from recovery.page_cache.store import Page, matches
from recovery.patience import Patience, Stage, Verdict

MOST_CONNECTIONS = 1024
# Requests that were sent ahead and wait for the answer to an earlier one, on one connection.
MOST_AHEAD = 32
# Seconds for one more request on a connection that was idle when the server was asked to stop.
LEAVE_AFTER = 0.5
# Bytes: a larger body is handed over as it is, a smaller one is quicker in one piece with its headers.
WHOLE_UP_TO = 32_000

_NONSENSE = (400, b"Bad Request")
_TOO_MANY = (503, b"Service Unavailable")


class State(Enum):
    """How far a connection has come."""

    OPEN = "requests are answered"
    LEAVING = "the server was asked to stop: one more is"
    LAST = "those that came are, and nothing that comes after them is looked at"
    LINGERING = "all are, and whoever still sends gets the time to read"


# By their names alone: each request asks for them, and to look them up in their class takes longer.
_OPEN, _LEAVING, _LAST, _LINGERING = State


class Together:
    """Answers what came in during one round of the event loop, after one look at the database."""

    def __init__(self, pages: Front) -> None:
        self.pages = pages
        self._waiting: list[tuple[Connection, Wanted, bytes]] = []

    def add(self, connection: "Connection", wanted: Wanted, data: bytes) -> None:
        """Have this request answered at the end of the round."""
        if not self._waiting:
            connection.loop.call_soon(self.answer)
        self._waiting.append((connection, wanted, data))

    def answer(self) -> None:
        """Answer all that wait."""
        waiting, self._waiting = self._waiting, []
        # Read after everything that is answered by it had come in.
        state = self._state()
        answers: dict[Wanted, list[bytes]] = {}
        for connection, wanted, data in waiting:
            answer = answers.get(wanted)
            if answer is None and (page := self._ready(wanted, state)) is not None:
                answer = answers[wanted] = connection.answer_with(page, wanted)
                self.pages.note_use(page)
            connection.answer_recalled(answer, data)

    def _ready(self, wanted: Wanted, state: object) -> Page | None:
        try:
            return None if state is None else self.pages.ready(wanted, state)
        except Exception:
            return None

    def _state(self) -> object:
        try:
            return self.pages.freshness.state()
        except Exception:
            # The gateway asks again, and complains.
            return None


class Connection(HttpToolsProtocol):
    """One connection. ``pages`` are those that are kept, if any are."""

    def __init__(self, *args: Any, together: Together | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._together = together
        self._is_waiting = False  # for the end of the round
        self._is_within = False  # a request has begun and is not whole
        self._has_headers = False
        self._requests = 0  # that began in what is being parsed
        self._wanted: Wanted | None = None
        # The request that is being parsed was: with a kept page, or not at all.
        self._was_answered = False
        self._state = _OPEN
        self._patience = Patience()

    # What asyncio calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is None:
            # Reset before it was accepted: the system has forgotten whose it was.
            transport.abort()
            return
        if len(self.connections) > MOST_CONNECTIONS:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        if self._is_waiting and self._together is not None:
            # More came before the round ended: one after the other.
            self._together.answer()
        if self._state is not _OPEN:
            if self._state is not _LEAVING:
                return
        elif self._is_at_rest and self._together is not None:
            wanted = self._together.pages.recall(data)
            if wanted is not None and not self.flow.write_paused:
                self._is_waiting = True
                self._together.add(self, wanted, data)
                return
        self._parse(data)

    @property
    def _is_at_rest(self) -> bool:
        return not self._is_within and (self.cycle is None or self.cycle.response_complete)

    def _parse(self, data: bytes) -> None:
        is_begun = self._is_within
        self._requests, self._wanted = 0, None
        super().data_received(data)
        if not self._is_within:
            if self._requests == 1 and not is_begun:
                self._remember(data)
        elif self._state is not _LAST and not self.transport.is_closing():
            self._obey(self._patience.after_part(self._stage, len(data)))

    def _remember(self, data: bytes) -> None:
        if self._wanted is not None and self._together is not None:
            self._together.pages.remember(data, self._wanted)

    # What the parser calls

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_within, self._has_headers = True, False
        self._requests += 1
        self._patience.begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # What comes after a chunked body (RFC 9112, 7.1.2) is no header: it has passed no proxy's eyes.
        if not self._has_headers:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        is_full = len(self.pipeline) >= MOST_AHEAD
        if self._state is _LAST or is_full or self.parser.should_upgrade():
            self._was_answered = self._ends_here()
        else:
            pages = None if self._together is None else self._together.pages
            self._was_answered = pages is not None and self._is_answered_at_once(pages)
        self._has_headers = True
        if self._was_answered:
            return
        super().on_headers_complete()
        if self._state is not _OPEN:
            self.cycle.keep_alive = False
        self.cycle.transport = _Lingering(self)  # type: ignore[assignment]

    def _ends_here(self) -> bool:
        """Take no more requests after this one; say whether not even this."""
        if self._state is _LAST:
            return True
        self._state = _LAST
        if self.parser.should_upgrade():
            # It may be ignored (RFC 9110, 7.8). But the parser takes what follows for that other
            # protocol, and then for the next request: a body could ask for whatever it likes.
            if _has_body(self.headers):
                self._refuse(*_NONSENSE)
                return True
            return False
        # Those that wait are answered; the last one is told that nothing was done after it.
        self.cycle.keep_alive = False
        return True

    def on_body(self, body: bytes) -> None:
        if not self._was_answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_within = False
        if not self._was_answered:
            super().on_message_complete()
        self._was_answered = False

    # Kept pages

    def _is_answered_at_once(self, pages: Front) -> bool:
        """Answer with a kept page if that is what the request wants and what can be done now."""
        self._wanted = None
        is_next = self.cycle is None or self.cycle.response_complete
        stays = self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()
        if not (is_next and stays) or self._state is not _OPEN:
            return False
        self._wanted = pages.wanted(self._short_scope())
        if self._wanted is None or self.flow.write_paused:
            return False
        try:
            page = pages.ready(self._wanted)
        except Exception:
            return False
        if page is not None:
            self._patience.was_used = True
            self.transport.writelines(self.answer_with(page, self._wanted))
            pages.note_use(page)
        return page is not None

    def _short_scope(self) -> dict[str, Any]:
        """Return as much of a scope (ASGI 3.0) as tells what is wanted."""
        url = httptools.parse_url(self.url)
        return {
            "method": self.parser.get_method().decode("ascii"),
            "raw_path": url.path or b"",
            "query_string": url.query or b"",
            "headers": self.headers,
        }

    def answer_recalled(self, answer: list[bytes] | None, data: bytes) -> None:
        """Answer a request that was recalled by its bytes; without a page, take the long way."""
        self._is_waiting = False
        if self.transport.is_closing():
            return
        if answer is None:
            self._parse(data)
        else:
            self._patience.was_used = True
            self.transport.writelines(answer)

    def answer_with(self, page: Page, wanted: Wanted) -> list[bytes]:
        """Return the page, or that it is as the client has it, as it goes over the wire."""
        form = page.form(wanted.encoding)
        if wanted.if_none_match and matches(wanted.if_none_match, form.tag):
            head, body = form.not_modified_head, b""
        else:
            head, body = form.head, b"" if wanted.is_head else form.body
        if len(body) > WHOLE_UP_TO:
            return [b"%sdate: %s\r\n\r\n" % (head, self._date()), body]
        return [b"%sdate: %s\r\n\r\n%s" % (head, self._date(), body)]

    def _date(self) -> bytes:
        # Made anew every second by the server; none before its first round.
        for _, date in self.server_state.default_headers:
            return date
        return formatdate(usegmt=True).encode()

    # Those who take too long

    def look_after(self) -> None:
        """Take leave of whoever takes too long; to be called once a second."""
        unsent = self.transport.get_write_buffer_size()
        self._obey(self._patience.after_second(self._stage, unsent))

    @property
    def _stage(self) -> Stage:
        if self.transport.is_closing():
            return Stage.CLOSED
        if self._state is _LINGERING:
            return Stage.LINGERING
        if self._is_at_rest:
            return Stage.FREE
        # What has begun behind the last request is no matter.
        is_begun = self._is_within and not self._has_headers and self._state is not _LAST
        return Stage.HEADERS if is_begun else Stage.AT_WORK

    def _obey(self, verdict: Verdict) -> None:
        if verdict is Verdict.CLOSE:
            self.transport.close()
        elif verdict is Verdict.ABORT:
            self.transport.abort()
        elif verdict is not Verdict.STAY:
            self._refuse(*verdict.value)

    def timeout_keep_alive_handler(self) -> None:
        """Leave it to ``look_after``, which knows of the requests that Uvicorn has not seen."""

    def on_response_complete(self) -> None:
        self._patience.was_used = True
        super().on_response_complete()

    def shutdown(self) -> None:
        """Finish what has begun; give a request that is on its way the time to come."""
        if self._state is _OPEN:
            self._state = _LEAVING
        if self._is_at_rest:
            self.loop.call_later(LEAVE_AFTER, self._leave)
        elif self.cycle is not None:
            self.cycle.keep_alive = False

    def _leave(self) -> None:
        if self._is_at_rest:
            self.transport.close()

    def finish(self) -> None:
        """Close after an answer: at once, or when the client had time to read it though it still sends.

        What arrives on a closed connection would have the answer thrown away (RFC 9112, 9.6).
        """
        is_more = self._is_within or self._state is _LAST
        if self.transport.is_closing() or not is_more:
            self.transport.close()
            return
        self._state, self._patience.was_used = _LINGERING, True
        self.flow.resume_reading()
        self.transport.write_eof()

    def _refuse(self, status: int, phrase: bytes) -> None:
        """Close; say why if that is not taken for an answer to something else."""
        self._state = _LAST
        if self._may_answer():
            head = b"HTTP/1.1 %d %s\r\nconnection: close\r\n" % (status, phrase)
            text = b"content-type: text/plain\r\ncontent-length: %d\r\n\r\n%s\n" % (
                len(phrase) + 1,
                phrase,
            )
            self.transport.write(head + text)
        self.transport.close()

    def _may_answer(self) -> bool:
        """Say whether what is sent next answers the request that is being parsed."""
        if self._is_within and self._has_headers:
            return not (self.pipeline or self.cycle.response_started)
        return self.cycle is None or self.cycle.response_complete

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser does not take."""
        if self._state is not _LAST:
            self._refuse(*_NONSENSE)

    def _make_room(self) -> None:
        """Have the connection go that is spared most easily; this one, if none is."""
        found, most = self, (0, 0)
        for one in self.connections:
            if not isinstance(one, Connection) or one is self:
                continue
            # Nobody is spared more easily than who is idle for longer: most need not be looked at.
            if (3, one._patience.quiet_for) > most and (spared := one._spared()) > most:
                found, most = one, spared
        if found is self:
            self._refuse(*_TOO_MANY)
        else:
            found.transport.abort()

    def _spared(self) -> tuple[int, int]:
        """Return how easily this is spared, and for how many seconds it was so.

        Who is idle first, then whose headers do not come, then who takes the rest after it was closed.
        Never who waits for an answer, or takes one, nor who is as good as gone: that makes no room.
        """
        stage, unsent = self._stage, self.transport.get_write_buffer_size()
        if stage is Stage.CLOSED:
            return (1, self._patience.stuck_for) if unsent else (0, 0)
        if stage is Stage.AT_WORK or self._is_waiting or unsent:
            return 0, 0
        is_begun = stage is Stage.HEADERS
        return (2, self._patience.head_for) if is_begun else (3, self._patience.quiet_for)


def _has_body(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0"))
        for name, value in headers
    )


class _Lingering:
    """The transport as Uvicorn uses it for an answer, which closes as ``Connection.finish`` does."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_closing = connection.transport.is_closing

    def write(self, data: bytes) -> None:
        # Who has gone while others of his requests waited gets no answer to these.
        if not self.is_closing():
            self._connection.transport.write(data)

    def close(self) -> None:
        self._connection.finish()
