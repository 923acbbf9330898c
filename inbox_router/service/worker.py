"""A thread for one blocking client, which can be left behind when it hangs."""

from __future__ import annotations

import asyncio
import functools
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class DeadlineError(Exception):
    """A blocking call did not come back in time; its thread was left behind and nothing it returns will be used."""


class Worker:
    """Runs calls one after the other in a thread of its own.

    The thread is a daemon, unlike those of an executor: a call that never returns may not keep the process alive.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls = self._start()

    def _start(self) -> queue.SimpleQueue[Callable[[], None] | None]:
        calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        threading.Thread(target=_work, args=(calls,), name=self._name, daemon=True).start()
        return calls

    async def call(self, function: Callable[[], T], deadline: float) -> T:
        """Returns what `function` returns. Raises what it raises, or DeadlineError after `deadline` seconds."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def perform() -> None:
            try:
                settle = functools.partial(_settle_result, future, function())
            except Exception as error:  # noqa: BLE001 - handed to whoever awaits the call
                settle = functools.partial(_settle_error, future, error)
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle)

        self._calls.put(perform)
        try:
            return await asyncio.wait_for(future, deadline)
        except TimeoutError:
            if not future.cancelled():
                raise
            self.abandon()
            raise DeadlineError(f"no answer within {deadline:.0f} seconds") from None

    def abandon(self) -> None:
        """Leaves the present thread to its fate and goes on with a new one."""
        self.close()
        self._calls = self._start()

    def close(self) -> None:
        """Lets the thread end once its present call returns."""
        self._calls.put(None)


def _work(calls: queue.SimpleQueue[Callable[[], None] | None]) -> None:
    while (call := calls.get()) is not None:
        call()


def _settle_result(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _settle_error(future: asyncio.Future[T], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
