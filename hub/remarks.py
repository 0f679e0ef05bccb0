"""A wish with a remark beside it: "festoons on, the neighbours are calling over".

Read as one sentence, what is remarked blurs what is wished. So each part between commas is read
alone: what only states something, and comes to nothing here, is left out if the rest is plainly a
wish or a question.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from devices.home import Home
from edge.tasks.understanding_schema import NONE, Reading, Span
from hub.ground.followup import TIMES
from hub.ground.index import match_all
from hub.ground.names import POSSIBLE, tokens
from hub.ground.places import find_area, find_floor
from hub.ground.sentence import Thresholds
from hub.languages import Lexicon, plain
from hub.values import Plan, Status


@dataclass(frozen=True, slots=True)
class Means:
    """What parts are read and planned with."""

    read: Callable[[str], Awaitable[Reading]]
    plan: Callable[[Reading], Plan]
    home: Home
    words: Lexicon
    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class Apart:
    """The plan for what is wished, and what was only remarked."""

    plan: Plan
    remarks: tuple[str, ...]


async def apart(reading: Reading, means: Means) -> Apart | None:
    """The plan for a sentence of several parts without its remarks; None where it has none, or the
    rest is not plainly done. Raises what `read` raises."""
    said = [part.strip() for part in _BREAKS.split(reading.text) if part.strip()]
    parts = [part for part in said if not means.words.fits("interjection", _bare(part))]
    if not 0 < len(parts) <= _MOST or len(said) < _SEVERAL:
        return None
    if reading.for_us < means.thresholds.for_us_named:
        return None
    alone = [await means.read(part) for part in parts]
    kept = _without_remarks(alone, means)
    if not kept or len(kept) == len(said):
        return None
    wish = kept[0] if len(kept) == 1 else await means.read(", ".join(each.text for each in kept))
    named = any(s.slot in _NAMING for clause in wish.clauses for s in clause.spans)
    surely = wish.for_us >= means.thresholds.least(means.words.language)
    if not surely or (not named and means.words.has("pronoun", plain(wish.text))):
        return None  # "it" may be what was remarked upon
    plan = means.plan(wish)
    left_out = tuple(part for part in said if part not in {each.text for each in kept})
    return Apart(plan, left_out) if _simply_done(plan) else None


def _bare(part: str) -> str:
    return plain(part).strip(" .,;:!?")


def _simply_done(plan: Plan) -> bool:
    """Whether a plan is what its sentence asks for, with nothing to ask or to refuse."""
    return plan.status in (Status.DONE, Status.ANSWERED)


_NAMING = frozenset({"name", "device", "area", "floor"})
_BREAKS = re.compile(r"[,;.!?]\s+")
_SEVERAL, _MOST = 2, 4
"""Parts: who goes on longer tells a story."""


def _without_remarks(alone: Sequence[Reading], means: Means) -> list[Reading]:
    """The parts that wish or ask something. Beside a plain wish, what only states something says
    why; alone it may be a wish itself ("it is too dark in here")."""
    stating = [_states(part, means.words) for part in alone]
    wishes = [
        not states and _simply_done(means.plan(part))
        for part, states in zip(alone, stating, strict=True)
    ]
    return [
        part
        for part, states in zip(alone, stating, strict=True)
        if not (_is_only_stated(part, any(wishes), means) if states else _is_talk(part, means))
    ]


def _states(part: Reading, words: Lexicon) -> bool:
    """Whether a part has the form of a statement, or gives a reason."""
    if len(part.text.split()) < _SEVERAL or words.has("therefore", _bare(part.text)):
        return False
    return _begins(part.text, words, ("stating", "subject", "reason"))


def _is_only_stated(part: Reading, beside_a_wish: bool, means: Means) -> bool:
    """Whether a statement is no wish: nothing comes of it, or it is said beside a wish and names
    nothing of this home ("I want the fan on" does)."""
    if not _simply_done(means.plan(part)):
        return True
    spans = (span for clause in part.clauses for span in clause.spans)
    return beside_a_wish and not any(_is_here(span, means) for span in spans)


def _is_talk(part: Reading, means: Means) -> bool:
    """Whether a part is nothing that anybody wishes of this home, nor takes back or puts off the
    wish beside it."""
    if len(part.text.split()) < _LEAST_WORDS or _begins(part.text, means.words, _WEIGHING):
        return False
    spans = [span for clause in part.clauses for span in clause.spans]
    if any(s.slot in _OF_THE_WISH or _is_here(s, means) for s in spans):
        return False
    return part.for_us < _FOR_NOBODY or all(clause.intent == NONE for clause in part.clauses)


_LEAST_WORDS = 3
_FOR_NOBODY = 0.5
_WEIGHING = ("if_now", "when", "whenever", "unless", "before", "after", "until", "if_not",
             "correction", "negated")  # fmt: skip
_OF_THE_WISH = TIMES | {"duration", "except", "value", "color"}


def _begins(text: str, words: Lexicon, groups: tuple[str, ...]) -> bool:
    return any(words.starts(group, text) is not None for group in groups)


def _is_here(span: Span, means: Means) -> bool:
    """Whether a part names a place or a thing of this home: it may say where, or what of."""
    if span.slot not in _NAMING:
        return False
    if find_area(span.text, means.home) or find_floor(span.text, means.home, means.words):
        return True
    near = match_all(tokens(span.text), means.home)[:1]
    return any(m.score >= POSSIBLE and m.entity.domain not in _PEOPLE for m in near)


_PEOPLE = frozenset({"person", "device_tracker"})
