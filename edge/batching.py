"""Requests that arrive while the model is busy go through it together.

The first request runs at once; those that come during its run wait and form the next batch. Nobody
is delayed to wait for company, and a burst costs a few batches instead of as many runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class MicroBatcher(Generic[Item, Result]):
    """Gathers items for `run_batch`, at most `limit` at a time. For one event loop."""

    def __init__(
        self, run_batch: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]], limit: int = 16
    ) -> None:
        self._run_batch = run_batch
        self._limit = limit
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._busy = False

    async def submit(self, item: Item) -> Result:
        """The item's result. An error of its batch is raised to each of the batch."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._busy:
            return await future
        self._busy = True
        try:
            while self._waiting and not future.done():
                await self._next()
        finally:
            self._busy = False
            self._hand_over()
        return await future

    async def _next(self) -> None:
        batch, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
        batch = [(item, future) for item, future in batch if not future.done()]
        if not batch:
            return
        try:
            results = await self._run_batch([item for item, _ in batch])
        except asyncio.CancelledError:
            # who drives was cancelled, the others were not: they go back to the head of the queue
            self._waiting[:0] = [pair for pair in batch if not pair[1].done()][1:]
            raise
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)

    def _hand_over(self) -> None:
        """The next of those who wait drives on."""
        if self._waiting and not self._busy:
            self._busy = True
            asyncio.get_running_loop().create_task(self._drive(), name="micro-batch")

    async def _drive(self) -> None:
        try:
            while self._waiting:
                await self._next()
        finally:
            self._busy = False
