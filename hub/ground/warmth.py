"""Warmer and cooler, said of what has no temperature: the colour of its light."""

from __future__ import annotations

import re
from dataclasses import replace

from edge.tasks.understanding_schema import NONE, ClauseReading, Scored, Span
from hub.languages import Lexicon, plain


def of_light(clause: ClauseReading, words: Lexicon) -> ClauseReading | None:
    """ "Make the panels a bit warmer" as a wish about light; None where no such word is said."""
    for said in re.finditer(r"\w+", clause.text):
        if words.which("warmth", plain(said.group())) is not None:
            start, end = clause.start + said.start(), clause.start + said.end()
            colour = Span(start, end, "color", said.group(), 1.0)
            kept = (s for s in clause.spans if s.slot != "value")
            intent = Scored("HassLightSet", clause.intents[0].confidence)
            attributes = {
                **clause.attributes,
                "domain": Scored("light", 1.0),
                "direction": Scored(NONE, 1.0),
            }
            return replace(clause, intents=(intent,), attributes=attributes, spans=(*kept, colour))
    return None
