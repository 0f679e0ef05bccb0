"""One verb, several things: a clause taken apart where it names them one after the other.

"Turn on the kettle and the coffee machine" is two wishes; "set the bedroom to 19 and the office to
21" too, each with its own value. "The lights in the kitchen and the hall" is one: rooms share the
device. A part keeps all of the clause that is not about what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from edge.tasks.understanding_schema import NONE, ClauseReading, Scored, Span
from hub.ground.followup import TARGETS, TIMES
from hub.ground.names import ARTICLES, kind_of_word, kinds_in, tokens
from hub.ground.shared_times import begins_with_target
from hub.ground.wanted import KIND_DOMAINS
from hub.languages import Lexicon, plain

_AMOUNTS = ("value", "color")


Known = Callable[[str], bool]
"""Whether words are the whole name of one thing in this home."""


def parts(
    clause: ClauseReading, words: Lexicon, known: Known = lambda said: False
) -> list[ClauseReading]:
    """The clause, or one for each of the things it names."""
    targets = sorted((s for s in clause.spans if s.slot in TARGETS), key=lambda s: s.start)
    groups = _grouped(clause, targets, words, known)
    if len(groups) < 2:
        return [clause]
    amounts = [s for s in clause.spans if s.slot in _AMOUNTS]
    shared = [s for s in clause.spans if s.slot not in (*TARGETS, *_AMOUNTS)]
    own = _amounts_of(groups, amounts)
    if not own and not all(_heads(group) for group in groups):
        return [clause]
    kind = _shared_kind(groups)
    found = []
    times = [s for s in shared if s.slot in TIMES]
    begins = {s.start: _begins_at(s, clause, groups, words) for s in times}
    for index, group in enumerate(groups):
        amount = [own[index]] if own else amounts
        head = kind if kind and not _says_kind(group) else []
        latest = max((at for at in begins.values() if at <= index), default=0)
        foreign = [s for s in times if begins[s.start] != latest]
        kept = [s for s in shared if s not in foreign]
        spans = tuple(sorted((*group, *head, *amount, *kept), key=lambda s: s.start))
        others = [s for other in groups if other is not group for s in other]
        between = range(groups[0][0].start, groups[-1][-1].end if times else 0)
        text = _alone(clause, between, [*others, *foreign], words)
        part = replace(clause, text=text, spans=spans)
        found.append(_of_own_kind(part, group))
    return found


def _of_own_kind(part: ClauseReading, group: Sequence[Span]) -> ClauseReading:
    """A part that is switched, as a wish about the kind of thing that its own word says: "the TV"
    beside a lamp is no light."""
    said = [kind for s in group if s.slot == "device" for kind in kinds_in(s.text)]
    own = {KIND_DOMAINS[kind] for kind in said if kind in KIND_DOMAINS}
    read = part.attributes["domain"].label
    if part.intent not in _SWITCHES or read not in _SWITCHED or len(own) != 1 or read in own:
        return part
    (domain,) = own & _SWITCHED or {read}
    sure = part.attributes["domain"].confidence
    attributes = {"domain": Scored(domain, sure), "device_class": Scored(NONE, sure)}
    return replace(part, attributes={**part.attributes, **attributes})


_SWITCHES = ("HassTurnOn", "HassTurnOff")
_SWITCHED = frozenset({"light", "fan", "media_player", "climate"})


def _begins_at(
    time: Span, clause: ClauseReading, groups: Sequence[Sequence[Span]], words: Lexicon
) -> int:
    """From which of the things on a time holds: from the one after an "and" before it, or after a
    "now" ("the hall light now and the landing light in ten minutes"); else for all of them."""
    for at in range(len(groups) - 1, 0, -1):
        before, after = groups[at - 1][-1], groups[at][0]
        end = min(after.start, time.start)
        said = plain(clause.text[before.end - clause.start : max(0, end - clause.start)]).split()
        group = "joining" if time.start < after.start else "now"
        if before.end <= end and any(words.fits(group, word) for word in said):
            return at
    return 0


def _alone(clause: ClauseReading, between: range, others: Sequence[Span], words: Lexicon) -> str:
    """The words of the clause without those that name its other things, and without the small words
    between them where the wish waits: what is to be done later is told so."""
    text = list(clause.text)
    dropped = False
    for found in reversed(list(re.finditer(r"\S+" if words.spaced else r"\S", clause.text))):
        start = clause.start + found.start()
        said = plain(found.group())
        small = words.fits("joining", said) or words.fits("now", said) or not said
        inside = any(s.start <= start < s.end for s in others)
        dropped = inside or (dropped and said in ARTICLES)
        if dropped or (small and start in between):
            text[found.start() : found.end()] = " " * len(found.group())
    return "".join(text)


def _grouped(
    clause: ClauseReading, targets: Sequence[Span], words: Lexicon, known: Known
) -> list[list[Span]]:
    """The spans of each thing: a new one begins after "and" or a comma, and where nothing but an
    article stands between two things ("the spotlights the telly")."""
    groups: list[list[Span]] = []
    for span in targets:
        if groups and not _joined(clause, groups[-1][-1], span, words, known):
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _joined(clause: ClauseReading, first: Span, second: Span, words: Lexicon, known: Known) -> bool:
    between = clause.text[first.end - clause.start : second.start - clause.start]
    said = plain(between).split()
    if "," in between or any(words.fits("joining", word) for word in said):
        return True
    if first.slot not in _THINGS or second.slot not in _THINGS:
        return False
    if not said:
        return known(first.text) and known(second.text)
    return all(words.fits("definite", word) for word in said)


_THINGS = ("name", "device")


def _heads(group: Sequence[Span]) -> bool:
    """Whether the spans name a thing, and not only a room."""
    return any(span.slot in ("name", "device") for span in group)


def _amounts_of(groups: Sequence[Sequence[Span]], amounts: Sequence[Span]) -> list[Span]:
    """The amount of each thing, if every one is followed by its own."""
    if len(amounts) != len(groups):
        return []
    ordered = sorted(amounts, key=lambda span: span.start)
    ends = [*(group[0].start for group in groups[1:]), 1 << 30]
    right = all(
        group[-1].start < amount.start < end
        for group, amount, end in zip(groups, ordered, ends, strict=True)
    )
    return ordered if right else []


def _says_kind(group: Sequence[Span]) -> bool:
    return any(
        span.slot == "device" or any(kind_of_word(word) for word in tokens(span.text))
        for span in group
    )


def _shared_kind(groups: Sequence[Sequence[Span]]) -> list[Span]:
    """The kind of thing that only the last one says ("Mary's and John's lamps")."""
    last = groups[-1]
    return [s for s in last if s.slot == "device"] if _says_kind(last) else []


_SET = frozenset(
    "HassLightSet HassSetPosition HassClimateSetTemperature HassFanSetSpeed HassSetVolume".split()
)


def with_shared_amounts(wishes: Sequence[ClauseReading], words: Lexicon) -> list[ClauseReading]:
    """The wishes of a sentence with the amount that is said once for several things, after the
    last: "dim the reading lamp and the hall light to 30 percent". A wish with a verb of its own
    begins anew."""
    found = list(wishes)
    for at in range(len(found) - 2, -1, -1):
        wish, later = found[at], found[at + 1]
        same = wish.intent == later.intent and wish.intent in _SET
        if not same or _amounts(wish) or not begins_with_target(later, words):
            continue
        amounts = [s for s in _amounts(later) if s.start > later.start]
        attributes = {**wish.attributes, "direction": later.attributes["direction"]}
        if amounts:
            found[at] = replace(wish, spans=(*wish.spans, *amounts), attributes=attributes)
    return found


def _amounts(wish: ClauseReading) -> list[Span]:
    return [s for s in wish.spans if s.slot in _AMOUNTS]
