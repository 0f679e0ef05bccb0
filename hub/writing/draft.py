"""From a wish and its facts to a draft that was checked: by a model where there is one, sentence by
sentence, and by templates for whatever it leaves out, gets wrong, or does not finish in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from devices.home import Home
from edge.errors import EdgeError
from hub.writing.check import Ground, faults, sentences, told
from hub.writing.facts import Fact, Kind
from hub.writing.template import Frame, body, chosen, frame_for, laid_out
from hub.writing.wish import Wish

Tell = Callable[[str], Awaitable[None]]
"""Called with each sentence that was checked, as soon as it stands."""


class ModelWriter(Protocol):
    """A language model that puts facts into words. What it says is not trusted."""

    name: str

    def stream(self, wish: Wish, facts: Sequence[str]) -> AsyncIterator[str]:
        """The body's pieces as they come. Raises `EdgeError`."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text, the facts that went in, who wrote it, and which of a model's sentences were not let
    through, each with the reason."""

    text: str
    facts: tuple[Fact, ...]
    writer: str
    dropped: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For replies."""
        return {
            "writer": self.writer,
            "facts": [fact.text for fact in self.facts],
            "dropped": [{"sentence": s, "why": why} for s, why in self.dropped],
        }


def ground_for(wish: Wish, facts: Sequence[Fact], home: Home, frame: Frame) -> Ground:
    """What a draft for this wish is held to."""
    said = " ".join(filter(None, (wish.audience, wish.topic)))
    return Ground(tuple(facts), names_of(home), said, frame.lines)


def names_of(home: Home) -> frozenset[str]:
    """Every name in the house that a text might speak of."""
    entities = (n for e in home.entities.values() for n in (e.name, *e.aliases))
    return frozenset(
        name
        for name in (*entities, *(d.name for d in home.devices.values()), *home.people)
        if len(name) > 1
    )


async def draft(
    wish: Wish,
    facts: Sequence[Fact],
    home: Home,
    now: datetime,
    start: datetime | None = None,
    model: ModelWriter | None = None,
    tell: Tell | None = None,
) -> Draft:
    """Write. Never raises for a model's failure: the template writes then."""
    frame = frame_for(wish, now, start)
    used = await asyncio.to_thread(chosen, facts, wish.length)
    ground = ground_for(wish, used, home, frame)
    lines: list[str] = []
    dropped: list[tuple[str, str]] = []
    if model is not None and any(fact.kind is not Kind.SAID for fact in used):
        lines, dropped = await _modelled(model, wish, used, ground, tell)
    writer = model.name if model is not None and lines else "template"
    added = await asyncio.to_thread(_added, lines, used, ground)
    if tell is not None:
        for line in added:
            await tell(line)
    ordered = await asyncio.to_thread(_in_order, [*lines, *added], used, ground)
    return Draft(laid_out(frame, ordered, wish), tuple(used), writer, tuple(dropped))


def _added(lines: Sequence[str], facts: Sequence[Fact], ground: Ground) -> list[str]:
    """The template's sentences for what is not told yet."""
    missing = [fact for fact in facts if not any(told(line, fact, ground) for line in lines)]
    return [line for line in body(missing) if not faults(line, ground)]


def _in_order(lines: Sequence[str], facts: Sequence[Fact], ground: Ground) -> list[str]:
    """Sentences in the order of the first fact that each tells."""

    def place(line: str) -> int:
        return next((n for n, fact in enumerate(facts) if told(line, fact, ground)), len(facts))

    return sorted(lines, key=place)


def _judged(sentence: str, facts: Sequence[Fact], ground: Ground) -> list[str]:
    why = faults(sentence, ground)
    if not why and not any(told(sentence, fact, ground) for fact in facts):
        return ["it tells no fact"]
    return why


async def _modelled(
    model: ModelWriter, wish: Wish, facts: Sequence[Fact], ground: Ground, tell: Tell | None
) -> tuple[list[str], list[tuple[str, str]]]:
    kept: list[str] = []
    dropped: list[tuple[str, str]] = []

    async def judge(sentence: str) -> None:
        why = await asyncio.to_thread(_judged, sentence, facts, ground)
        if why:
            dropped.append((sentence, why[0]))
        elif sentence not in kept:
            kept.append(sentence)
            if tell is not None:
                await tell(sentence)

    text, done = "", 0
    try:
        async with aclosing(model.stream(wish, body(facts))) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                text += piece
                whole = sentences(text)[:-1]
                for sentence in whole[done:]:
                    await judge(sentence)
                done = max(done, len(whole))
        for sentence in sentences(text)[done:]:
            if sentence.endswith((".", "!", "?")):  # one that was cut off says who knows what
                await judge(sentence)
    except (EdgeError, TimeoutError) as error:
        dropped.append(("", str(error) or "it took too long"))
    return kept, dropped
