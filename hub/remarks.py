"""A wish with a remark beside it: "festoons on, the neighbours are calling over".

Read as one sentence, what is remarked blurs what is wished. So each part between commas is read
alone: what only states something, and comes to nothing here, is left out if the rest is plainly a
wish or a question.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from devices.home import Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Reading, Span
from hub.ground.followup import TIMES
from hub.ground.index import match_all
from hub.ground.kinds import PEOPLE
from hub.ground.names import POSSIBLE, tokens
from hub.ground.places import find_area, find_floor
from hub.ground.reasons import PAUSES
from hub.ground.sentence import Thresholds
from hub.languages import Lexicon, plain
from hub.values import Plan, Status


@dataclass(frozen=True, slots=True)
class Means:
    """What parts are read and planned with. `plan` takes where a part is about, if that was said
    beside it; `spoken_of`: something was spoken of before that "it" may mean."""

    read: Callable[[str], Awaitable[Reading]]
    plan: Callable[[Reading, str | None], Plan]
    home: Home
    words: Lexicon
    thresholds: Thresholds
    spoken_of: bool


@dataclass(frozen=True, slots=True)
class Apart:
    """The plan for what is wished, and what was only remarked."""

    plan: Plan
    remarks: tuple[str, ...]


async def apart(reading: Reading, means: Means, whole: Plan) -> Apart | None:
    """The plan for a sentence of several parts without its remarks; None where it has none, the
    rest is not plainly done, or a time or condition would be lost. Parts that are all wishes, and
    came to no plain `whole`, are planned as they are read alone. Raises what `read` raises."""
    words = means.words
    if not words.groups.keys() >= _KNOWN or words.has("taken_back", plain(reading.text)):
        return None
    asking = plain(reading.text).split()[:2]  # "whose", "from whom"
    if whole.status is Status.ANSWERED and any(words.fits("wh", word) for word in asking):
        return None  # "whose song is it, what plays at Paul's": all of it says what is asked
    said = [part.strip() for part in PAUSES.split(reading.text) if part.strip()]
    parts = [part for part in said if not words.fits("interjection", _bare(part))]
    if not 0 < len(parts) <= _MOST or len(said) < _SEVERAL:
        return None
    alone = [await means.read(part) for part in parts]
    kept = _without_remarks(alone, means)
    if len(kept) == len(said) and not _simply_done(whole):
        together = _together(reading, kept, means)
        return Apart(together, ()) if together and _simply_done(together) else None
    if not kept or len(kept) == len(said) or not _may_be_wished(reading, alone, kept, means):
        return None
    wish = kept[0] if len(kept) == 1 else await means.read(", ".join(each.text for each in kept))
    if not _is_plain(wish, means):
        return None
    left_out = tuple(part for part in said if part not in {each.text for each in kept})
    whys = {part for part, why in zip(said, _whys(said, words), strict=True) if why}
    if any(_waits_in(part, reading) for part in left_out if part not in whys):
        return None
    there = words.has("there", plain(wish.text))
    plan = means.plan(wish, _place_beside(alone, kept, means) if there else None)
    return Apart(plan, left_out) if _simply_done(plan) else None


def _together(reading: Reading, parts: Sequence[Reading], means: Means) -> Plan | None:
    """The plan for parts each of which is plainly a wish, as clauses of one sentence; None where
    one binds another: a condition, a time, a word against it."""
    bound = any(_waits_in(part.text, reading) for part in parts)
    if bound or any(_weighs(p, means.words, False) or not _is_plain(p, means) for p in parts):
        return None
    clauses, at = [], 0
    for part in parts:
        at = reading.text.index(part.text, at)
        clauses += [_moved(clause, at) for clause in part.clauses]
    sure = min(part.for_us for part in parts)
    return means.plan(replace(reading, for_us=sure, clauses=tuple(clauses)), None)


def _moved(clause: ClauseReading, by: int) -> ClauseReading:
    spans = tuple(replace(s, start=s.start + by, end=s.end + by) for s in clause.spans)
    return replace(clause, start=clause.start + by, end=clause.end + by, spans=spans)


_KNOWN = frozenset({"stating", "if_now"})
"""Groups of words without which a remark cannot be told from a condition."""


def _waits_in(part: str, reading: Reading) -> bool:
    """Whether the whole sentence, as it was read, has a time or condition in this part."""
    start = reading.text.find(part)
    spans = (s for clause in reading.clauses for s in clause.spans if s.slot in _WHEN)
    return any(s.start < start + len(part) and start < s.end for s in spans)


def _is_plain(wish: Reading, means: Means) -> bool:
    """Whether a wish is sure, and says itself what it is about: "it" may be what was remarked
    upon."""
    surest = min((clause.intents[0].confidence for clause in wish.clauses), default=0.0)
    named = any(s.slot in _NAMING for clause in wish.clauses for s in clause.spans)
    pointing = means.words.has("pronoun", plain(wish.text))
    limits = means.thresholds
    sure = wish.for_us >= limits.for_us_found and surest >= limits.intent_found
    return sure and (named or not pointing or not means.spoken_of)


def _place_beside(alone: Sequence[Reading], kept: Sequence[Reading], means: Means) -> str | None:
    """The one room that is named beside the wish: "there" is that."""
    spans = [s for part in alone if part not in kept for c in part.clauses for s in c.spans]
    found = (find_area(span.text, means.home) for span in spans if span.slot == "area")
    rooms = {area.id for area in found if area is not None}
    return rooms.pop() if len(rooms) == 1 else None


def _may_be_wished(
    reading: Reading, alone: Sequence[Reading], kept: Sequence[Reading], means: Means
) -> bool:
    """Whether the whole may be meant for us: it is likely, or it begins with a sure wish about a
    thing of this home, and nobody is reported to have said it ("I told him yesterday")."""
    text = plain(reading.text)
    reported = means.words.has("reporting", text)
    if reading.for_us >= means.thresholds.for_us_named:
        return not (reported and means.words.has("past", text))
    first = alone[0]
    spans = (span for clause in first.clauses for span in clause.spans)
    sure = first.for_us >= _SURELY and means.plan(first, None).status is Status.DONE
    return (
        sure and list(kept) == [first] and not reported and any(_is_here(s, means) for s in spans)
    )


_SURELY = 0.98


def _bare(part: str) -> str:
    return plain(part).strip(" .,;:!?")


def _simply_done(plan: Plan) -> bool:
    """Whether a plan is what its sentence asks for, with nothing to ask or to refuse."""
    return plan.status in (Status.DONE, Status.ANSWERED)


_NAMING = frozenset({"name", "device", "area", "floor"})
_SEVERAL, _MOST = 2, 4
"""Parts: who goes on longer tells a story."""


def _without_remarks(alone: Sequence[Reading], means: Means) -> list[Reading]:
    """The parts that wish or ask something. Beside a plain wish, what only states something says
    why; alone it may be a wish itself ("it is too dark in here")."""
    whys = _whys([part.text for part in alone], means.words)
    stating = [why or _states(part, means.words) for part, why in zip(alone, whys, strict=True)]
    wishes = [
        not states and _simply_done(means.plan(part, None))
        for part, states in zip(alone, stating, strict=True)
    ]
    return [
        part
        for part, states, why in zip(alone, stating, whys, strict=True)
        if _weighs(part, means.words, why)
        or not (_is_only_stated(part, any(wishes), means) if states else _is_talk(part, means))
    ]


def _whys(parts: Sequence[str], words: Lexicon) -> list[bool]:
    """Which parts are said to be why: those before one that begins with "so"."""
    return [words.starts("therefore", after) is not None for after in parts[1:]] + [False]


def _weighs(part: Reading, words: Lexicon, why: bool) -> bool:
    """Whether a part is a condition, a time, or a word against the wish beside it: it is never left
    out. The time in a part that says `why` ("he has an exam tomorrow, so ...") is its own."""
    said = plain(part.text)
    binds = any(words.has(group, said) for group in _BINDING)
    slots = {span.slot for clause in part.clauses for span in clause.spans}
    waits = bool(slots & _WHEN) and not why
    return binds or _begins(part.text, words, _OPPOSING) or waits


def _states(part: Reading, words: Lexicon) -> bool:
    """Whether a part has the form of a statement, or gives a reason."""
    if _length(part.text, words) < _SEVERAL or words.has("therefore", _bare(part.text)):
        return False
    first, *after = plain(part.text).split()[:3]
    asking = any(words.fits(group, first) for group in ("wh", "asking_whether", "only_asks"))
    is_so = not asking and any(words.fits("is_so", word) for word in after)
    owning = words.where("possessive", part.text)
    if owning and words.fits("stating", plain(part.text[:owning])):
        return False  # "mum's off": whose it is, and nothing of her
    return is_so or _begins(part.text, words, ("stating", "subject", "reason"))


def _is_only_stated(part: Reading, beside_a_wish: bool, means: Means) -> bool:
    """Whether a statement is no wish: nothing comes of it, or it is said beside a wish and names
    nothing of this home ("I want the fan on" does)."""
    if not _simply_done(means.plan(part, None)):
        return True
    spans = (span for clause in part.clauses for span in clause.spans)
    return beside_a_wish and not any(_is_here(span, means) for span in spans)


def _is_talk(part: Reading, means: Means) -> bool:
    """Whether a part is nothing that anybody wishes of this home."""
    if _length(part.text, means.words) < _LEAST_WORDS:
        return False
    spans = [span for clause in part.clauses for span in clause.spans]
    room = part.for_us < _CHATTER and all(s.slot == "area" or not _is_here(s, means) for s in spans)
    if any(s.slot in _OF_THE_WISH or (_is_here(s, means) and not room) for s in spans):
        return False
    return part.for_us < _FOR_NOBODY or all(clause.intent == NONE for clause in part.clauses)


_LEAST_WORDS = 3
_FOR_NOBODY, _CHATTER = 0.5, 0.05
"""What is as little for us as `_CHATTER` may name a room: "it is freezing in the bath"."""
_BINDING = ("if_now", "when", "whenever", "unless", "binding")
_OPPOSING = ("before", "after", "until", "if_not", "correction", "negated")
_WHEN = TIMES | {"duration", "except"}
_OF_THE_WISH = frozenset({"value", "color"})


def _length(text: str, words: Lexicon) -> int:
    """How many words a text has: about half its characters, in a script without spaces."""
    said = plain(text)
    return len(said.split()) if words.spaced else len(said) // 2


def _begins(text: str, words: Lexicon, groups: tuple[str, ...]) -> bool:
    return any(words.starts(group, text) is not None for group in groups)


def _is_here(span: Span, means: Means) -> bool:
    """Whether a part names a place or a thing of this home: it may say where, or what of."""
    if span.slot not in _NAMING:
        return False
    if find_area(span.text, means.home) or find_floor(span.text, means.home, means.words):
        return True
    near = match_all(tokens(span.text), means.home)[:1]
    return any(m.score >= POSSIBLE and m.entity.domain not in PEOPLE for m in near)
