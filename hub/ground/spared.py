"""What a sentence names to be left alone, where the model took it for a wish of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.tasks.understanding_schema import ClauseReading
from hub.ground.followup import TARGETS, TIMES
from hub.languages import Lexicon, plain


def with_exceptions(clauses: Sequence[ClauseReading], words: Lexicon) -> list[ClauseReading]:
    """ "Everything off but leave the fridge on": what is to be left alone is an exception."""
    kept: list[ClauseReading] = []
    for clause in clauses:
        spared = [s for s in clause.spans if s.slot in TARGETS]
        excepting = [s for s in clause.spans if s.slot == "except"]
        if kept and excepting and not spared:
            kept[-1] = replace(kept[-1], spans=(*kept[-1].spans, *excepting))
            continue
        if kept and spared and (_leaves_alone(clause, words) or _instead(kept[-1], clause, words)):
            spans = tuple(replace(s, slot="except") for s in spared if s.slot != "device")
            kept[-1] = replace(kept[-1], spans=(*kept[-1].spans, *spans))
        else:
            kept.append(clause)
    return kept


def _instead(before: ClauseReading, clause: ClauseReading, words: Lexicon) -> bool:
    """Whether "instead of" stands between two things, however the model cut the sentence."""
    return bool(
        words.ending("instead_of", plain(before.text).rstrip())
        or words.starts("instead_of", clause.text) is not None
    )


def _leaves_alone(clause: ClauseReading, words: Lexicon) -> bool:
    """ "Leave the lamp", whatever the model takes it for: nothing is to be done with it. "Leave the
    heating at 20" sets something."""
    set_to = any(span.slot in ("value", "color", *TIMES) for span in clause.spans)
    leaving = not set_to and words.starts("leaving", clause.text) is not None
    return leaving or clause.intent == "HassNevermind"
