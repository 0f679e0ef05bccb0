import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from hub.collecting import collecting_in_steps, keep_collecting


class Node:
    """One that holds itself: only a collection frees it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    with collecting_in_steps():
        yield


def test_what_survived_a_full_collection_is_not_looked_through_again() -> None:
    kept = [Node() for _ in range(1000)]
    gc.collect()
    assert len(gc.get_objects(generation=2)) < len(kept)


def test_new_cycles_are_found_as_ever() -> None:
    gone = weakref.ref(Node())
    gc.collect()
    assert gone() is None


async def test_cycles_that_were_set_aside_are_found_once_a_day_when_nobody_waits() -> None:
    node: Node | None = Node()
    gone = weakref.ref(node)
    gc.collect()
    node = None
    gc.collect()
    assert gone() is not None, "it was set aside"
    waiting = [True, True, False]
    task = asyncio.create_task(keep_collecting(lambda: waiting.pop(0), 0.01))
    async with asyncio.timeout(10):
        while gone() is not None:
            await asyncio.sleep(0.01)
            assert waiting or gone() is None
    task.cancel()
