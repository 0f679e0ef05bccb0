"""Whether a sentence is about this home: by what it names, and by its letters."""

from __future__ import annotations

import unicodedata

from devices.home import Area, Entity, Floor, Home
from edge.tasks.understanding_schema import ClauseReading, Reading
from hub.ground.calendars import mentioned
from hub.ground.context import Context
from hub.ground.followup import fresh
from hub.ground.index import match_all
from hub.ground.names import tokens, weight
from hub.ground.respan import respan
from hub.ground.said import names_said
from hub.ground.sources import source_of
from hub.ground.wanted import DOMAINS_OF_INTENT
from hub.languages import plain


def names_a_device(reading: Reading, home: Home, context: Context) -> bool:
    """Whether the sentence speaks of this home: of a thing in it by name, of a station or an input
    that a player has, of the only thing of a kind, of an event in its calendars, or of what was
    spoken of just now."""
    if context.previous and context.words.has("pronoun", plain(reading.text)) and fresh(context):
        return True
    return any(_speaks_of(respan(clause, home), home) for clause in reading.clauses)


def _speaks_of(clause: ClauseReading, home: Home) -> bool:
    if any(weight(word) == 1 for name in names_said(clause, home) for word in name):
        return True
    spans = [s for s in clause.spans if s.slot in ("name", "device", "area", "list")]
    for span in spans:
        best = next(iter(match_all(tokens(span.text), home)), None)
        if best is not None and (best.exact or (best.specific and best.score >= _NAMED)):
            return True
    if any(s.slot in ("value", "name", "query") and source_of(s.text, home) for s in clause.spans):
        return True
    only = DOMAINS_OF_INTENT.get(clause.intent)
    if only and any(s.slot == "device" for s in spans):
        return any(entity.domain in only for entity in home.entities.values())
    return any(s.slot == "query" and mentioned(s.text, home) for s in clause.spans)


_NAMED = 0.78


def foreign(text: str, home: Home) -> bool:
    """Whether letters are in the sentence that English has only in names: a reader of English
    alone must not guess at other languages, or at letters that only look like ours."""
    odd = {w.casefold() for w in text.split() if any(c.isalpha() and not c.isascii() for c in w)}
    if not odd:
        return False
    odd = {w for w in odd if not unicodedata.normalize("NFKC", w).isascii()}
    things: list[Entity | Area | Floor] = [*home.entities.values(), *home.areas.values()]
    things += home.floors.values()
    names = {
        word.casefold()
        for thing in things
        for name in (thing.name, *thing.aliases)
        for word in name.split()
    }
    return not odd <= names
