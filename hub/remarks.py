"""A wish with a remark beside it: "festoons on, the neighbours are calling over".

Read as one sentence, what is remarked blurs what is wished. Where the house would not simply do
what was said, each part between commas is read alone: what only states something, and comes to
nothing here, is left out if the rest is plainly a wish.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from edge.tasks.understanding_schema import NONE, Reading
from hub.ground.followup import TIMES
from hub.ground.sentence import Thresholds
from hub.languages import Lexicon, plain
from hub.values import Plan, Status


@dataclass(frozen=True, slots=True)
class Means:
    """What parts are read and planned with."""

    read: Callable[[str], Awaitable[Reading]]
    plan: Callable[[Reading], Plan]
    words: Lexicon
    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class Apart:
    """The plan for what is wished, and what was only remarked."""

    plan: Plan
    remarks: tuple[str, ...]


def simply_done(plan: Plan) -> bool:
    """Whether a plan is what its sentence asks for, with nothing to ask or to refuse."""
    return plan.status in (Status.DONE, Status.ANSWERED)


async def apart(reading: Reading, means: Means) -> Apart | None:
    """The plan for a sentence of several parts without its remarks; None where it has none, or the
    rest is not plainly done. Raises what `read` raises."""
    parts = [part.strip() for part in _BREAKS.split(reading.text) if part.strip()]
    if not 1 < len(parts) <= _MOST or reading.for_us < means.thresholds.for_us_named:
        return None
    alone = [await means.read(part) for part in parts]
    remarks = tuple(each.text for each in alone if _is_a_remark(each, means))
    kept = [each for each in alone if each.text not in remarks]
    if not remarks or not kept:
        return None
    wish = kept[0] if len(kept) == 1 else await means.read(", ".join(each.text for each in kept))
    surely = wish.for_us >= means.thresholds.least(means.words.language)
    named = any(s.slot in _NAMING for clause in wish.clauses for s in clause.spans)
    if not surely or (not named and means.words.has("pronoun", plain(wish.text))):
        return None  # "it" may be what was remarked upon
    plan = means.plan(wish)
    return Apart(plan, remarks) if simply_done(plan) else None


_NAMING = frozenset({"name", "device", "area", "floor"})
_BREAKS = re.compile(r"[,;.!?]\s+")
_MOST = 4
"""Parts: who goes on longer tells a story."""


def _is_a_remark(part: Reading, means: Means) -> bool:
    """Whether a part is nothing that anybody wishes of this home, nor takes back or puts off the
    wish beside it."""
    if len(part.text.split()) < _LEAST_WORDS or _weighs(part, means.words):
        return False
    heard = any(clause.intent != NONE for clause in part.clauses)
    if part.for_us < _FOR_NOBODY or not heard:
        return True
    states = means.words.starts("stating", part.text) is not None
    return states and not simply_done(means.plan(part))


_LEAST_WORDS = 3
_FOR_NOBODY = 0.5


def _weighs(part: Reading, words: Lexicon) -> bool:
    """Whether a part is a condition, a time, or a word against what is wished."""
    said = plain(part.text)
    slots = {span.slot for clause in part.clauses for span in clause.spans}
    takes_back = any(words.has(group, said) for group in ("correction", "negated"))
    waits = any(words.starts(group, part.text) is not None for group in _WAITING)
    return takes_back or waits or bool(slots & (TIMES | {"duration", "except"}))


_WAITING = ("if_now", "when", "whenever", "unless", "before", "after", "until", "if_not")
