"""A search in a large store reads a bounded part of the index."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.knowledge import store as stores
from hub.knowledge.store import NewChunk, NewDocument, Store, writing
from hub.knowledge.values import NO_DEVICE, Chunk, Kind, Unit


def _chunk(text: str) -> NewChunk:
    return NewChunk(Chunk(("T",), "", (Unit(Kind.SENTENCE, text, 0),), text), ("", "", text), None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    path = tmp_path / "knowledge.db"
    texts = ["press button", "press lever", "press valve", "press filter"]
    with writing(path) as to:
        to.save(NewDocument("a", "a", "T", "en", NO_DEVICE, "", [_chunk(t) for t in texts]))
    return Store(path)


def test_the_commonest_words_are_left_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(store.by_words(["press", "valve"], 10)) == 4
    monkeypatch.setattr(stores, "MATCHES", 3)
    assert [chunk for chunk, _ in store.by_words(["press", "valve"], 10)] == [3]


def test_a_word_that_stands_everywhere_is_still_found(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MATCHES", 3)
    assert len(store.by_words(["press"], 10)) == 4


def test_words_that_occur_nowhere_find_nothing(store: Store) -> None:
    assert store.by_words(["nowhere", ""], 10) == []
