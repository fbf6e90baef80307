"""Work that may wait, done beside an event loop."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")


class Threads:
    """A few threads that work for one event loop: a pool of ``concurrent.futures`` costs twice as much."""

    def __init__(self, number: int) -> None:
        self._work: SimpleQueue[tuple[asyncio.Future[Any], Callable[[], Any]]] = SimpleQueue()
        for _ in range(number):
            Thread(target=self._run, name="request", daemon=True).start()

    @property
    def waiting(self) -> int:
        """How much work no thread has begun with."""
        return self._work.qsize()

    async def call(self, act: Callable[[], Result]) -> Result:
        """Call ``act`` in one of the threads, as soon as one is free."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._work.put((future, act))
        return await future

    def _run(self) -> None:
        while True:
            future, act = self._work.get()
            try:
                result, error = act(), None
            except Exception as raised:
                result, error = None, raised
            except BaseException as raised:
                # SystemExit would end the event loop.
                result, error = None, RuntimeError(repr(raised))
            # The loop may have ended meanwhile.
            with suppress(RuntimeError):
                future.get_loop().call_soon_threadsafe(_settle, future, result, error)
            # Not until there is more work, but now.
            del future, act, result, error


def _settle(future: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
