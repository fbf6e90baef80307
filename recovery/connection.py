"""HTTP/1.1 with one client: kept pages are answered here, everything else goes to the gateway.

Uvicorn parses (llhttp) and frames; this adds what a blog on the open net needs. Who asks for a kept page
gets it at once: without a task, and for a request whose very bytes were seen before, without parsing. Those that
came in together are answered together, after one look at the database. Who sends or reads too slowly is
taken leave of, without a timer for each connection: ``look_after`` is called once a second.
"""

import asyncio
from email.utils import formatdate
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from recovery.page_cache.front import Front
from recovery.page_cache.requests import Wanted
from recovery.page_cache.store import Page, matches

LONGEST_HEADERS = 64_000  # bytes
# Bytes after the headers: more than any body that the gateway takes, with what its coding adds.
LONGEST_REST = 10_000_000
MOST_CONNECTIONS = 1024
# Requests that were sent ahead and wait for the answer to an earlier one, on one connection.
MOST_AHEAD = 32
# Seconds: without a request; until the headers of one are whole; without taking a byte of an answer;
# to take an answer that came before all of the request had; for one more request on a connection that was
# idle when the server was asked to stop.
IDLE, HEADERS_WITHIN, STUCK, LINGER, LEAVE_AFTER = 10, 10, 30, 2, 0.5
# Bytes: a larger body is handed over as it is, a smaller one is quicker in one piece with its headers.
WHOLE_UP_TO = 32_000

_NONSENSE = (400, b"Bad Request")
_TOO_SLOW = (408, b"Request Timeout")
_TOO_LARGE = (431, b"Request Header Fields Too Large")
_TOO_LONG = (413, b"Content Too Large")
_TOO_MANY = (503, b"Service Unavailable")


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
        self._head_size = self._rest_size = 0  # bytes
        self._head_for = 0  # seconds
        self._requests = 0  # that began in what is being parsed
        self._wanted: Wanted | None = None
        # The request that is being parsed was: with a kept page, or not at all.
        self._was_answered = False
        self._was_used = True
        self._quiet_for = 0  # seconds
        self._unsent, self._stuck_for = 0, 0  # bytes, seconds
        self._is_leaving = False
        self._is_last = False  # the request that came last: nothing after it is looked at
        self._is_discarding = False

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
        if self._is_last or self._is_discarding:
            return
        if self._together is not None and self._is_at_rest and not self._is_leaving:
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
        begins = self._is_at_rest
        self._requests, self._wanted = 0, None
        super().data_received(data)
        if self._is_within and not (self._is_last or self.transport.is_closing()):
            self._measure(len(data))
        if begins and self._requests == 1 and not self._is_within:
            self._remember(data)

    def _measure(self, size: int) -> None:
        if not self._has_headers:
            self._head_size += size
            if self._head_size > LONGEST_HEADERS:
                self._refuse(*_TOO_LARGE)
            return
        self._rest_size += size
        if self._rest_size > LONGEST_REST:
            self._refuse(*_TOO_LONG)

    def _remember(self, data: bytes) -> None:
        if self._wanted is not None and self._together is not None:
            self._together.pages.remember(data, self._wanted)

    # What the parser calls

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_within, self._has_headers = True, False
        self._head_size = self._rest_size = self._head_for = 0
        self._was_used = True
        self._requests += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        # What comes after a chunked body (RFC 9112, 7.1.2) is no header: it has passed no proxy's eyes.
        if not self._has_headers:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._is_last or self.parser.should_upgrade() or len(self.pipeline) >= MOST_AHEAD:
            self._was_answered = self._ends_here()
        else:
            pages = None if self._together is None else self._together.pages
            self._was_answered = pages is not None and self._is_answered_at_once(pages)
        self._has_headers = True
        if self._was_answered:
            return
        super().on_headers_complete()
        if self._is_leaving or self._is_last:
            self.cycle.keep_alive = False
        self.cycle.transport = _Lingering(self)  # type: ignore[assignment]

    def _ends_here(self) -> bool:
        """Take no more requests after this one; say whether not even this."""
        was_last, self._is_last = self._is_last, True
        if was_last:
            return True
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
        if not (is_next and stays) or self._is_leaving:
            return False
        self._wanted = pages.wanted(self._short_scope())
        if self._wanted is None or self.flow.write_paused:
            return False
        try:
            page = pages.ready(self._wanted)
        except Exception:
            return False
        if page is not None:
            self._was_used = True
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
            self._was_used = True
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
        if self._is_stuck():
            self.transport.abort()
        # Closed, it is there until all is sent: for that the system waits without end.
        if self.transport.is_closing():
            return
        self._quiet_for = 0 if self._was_used else self._quiet_for + 1
        self._was_used = False
        if self._is_within and not (self._has_headers or self._is_last):
            # Since the first byte: no byte buys more time.
            self._head_for += 1
            if self._head_for > HEADERS_WITHIN:
                self._refuse(*_TOO_SLOW)
        elif self._quiet_for >= (LINGER if self._is_discarding else IDLE) and self._is_idle:
            self.transport.close()

    @property
    def _is_idle(self) -> bool:
        return self._is_discarding or (self._is_at_rest and not self._unsent)

    def _is_stuck(self) -> bool:
        """Say whether the client has taken nothing of an answer for too long."""
        unsent = self.transport.get_write_buffer_size()
        self._stuck_for = self._stuck_for + 1 if unsent and unsent == self._unsent else 0
        self._unsent = unsent
        return self._stuck_for > STUCK

    def timeout_keep_alive_handler(self) -> None:
        """Leave it to ``look_after``, which knows of the requests that Uvicorn has not seen."""

    def on_response_complete(self) -> None:
        self._was_used = True
        super().on_response_complete()

    def shutdown(self) -> None:
        """Finish what has begun; give a request that is on its way the time to come."""
        self._is_leaving = True
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
        if self.transport.is_closing() or not (self._is_within or self._is_last):
            self.transport.close()
            return
        self._is_discarding, self._was_used = True, True
        self.flow.resume_reading()
        self.transport.write_eof()

    def _refuse(self, status: int, phrase: bytes) -> None:
        """Close; say why if that is not taken for an answer to something else."""
        self._is_last = True
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
        if not self._is_last:
            self._refuse(*_NONSENSE)

    def _make_room(self) -> None:
        """Close the connection that has been idle for longest, or with its headers; if none is, this one.

        Who was closed before, and takes what is left for him, is cut off rather than that.
        """
        others = [
            one for one in self.connections if isinstance(one, Connection) and one is not self
        ]
        there = [one for one in others if not one.transport.is_closing()]
        idle = [one for one in there if one._is_free]
        begun = [one for one in there if one._is_within and not one._has_headers]
        if idle:
            max(idle, key=lambda one: one._quiet_for).transport.close()
        elif begun:
            max(begun, key=lambda one: one._head_for).transport.abort()
        elif going := [one for one in others if one._is_going]:
            max(going, key=lambda one: one._stuck_for).transport.abort()
        else:
            self._refuse(*_TOO_MANY)

    @property
    def _is_free(self) -> bool:
        """Whether nobody loses an answer when this is closed, and it is gone at once then."""
        return self._is_idle and not self._is_waiting and not self.transport.get_write_buffer_size()

    @property
    def _is_going(self) -> bool:
        return self.transport.is_closing() and self.transport.get_write_buffer_size() > 0


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
