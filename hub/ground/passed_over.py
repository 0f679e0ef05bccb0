"""Things that a sentence names and that nothing was done with: they must not be dropped in silence.

A wish that the model did not see ("kitchen spotlights off desk lamp on" read as one wish) would be
lost. Whoever said it hears a question about the thing instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.commands import COMMANDS
from hub.ground.followup import TIMES
from hub.ground.index import match_all, words_of
from hub.ground.names import tokens, weight, word_fit
from hub.ground.results import Grounded
from hub.ground.said import names_said
from hub.ground.timespans import blanked

_SWITCHED = frozenset(
    "climate cover fan humidifier lawn_mower light lock media_player siren switch vacuum valve "
    "water_heater".split()
)
"""Things that people wish something of; the settings and reports of a device bear its name too."""
_SWITCHES = ("HassTurnOn", "HassTurnOff")
_NAMED = 0.78
_SAME_WORD = 0.8


def passed_over(
    read: Sequence[ClauseReading], grounded: Sequence[Grounded], home: Home
) -> Entity | None:
    """The first thing that is named in a wish and not acted on; None where all are, or where some
    other part of the sentence is asked about or refused anyway."""
    if any(part.asked or part.refused or part.not_understood for part in grounded):
        return None
    done_with = {entity_id for part in grounded for entity_id in reached(part)}
    told = _words(done_with, read, home)
    for clause, done in zip(read, grounded, strict=False):
        if clause.intent not in COMMANDS or not done.actions:
            continue
        for said in _names(clause, home):
            entity = _thing(said, told, home)
            if entity is not None and entity.id not in done_with:
                return entity
    return None


def reached(part: Grounded) -> Iterator[str]:
    """What a part of the sentence acts on, will act on, or is about."""
    yield from part.about
    yield from (action.call.entity_id for action in part.actions)
    for effect in part.effects:
        for call in effect.data.get("calls", ()):
            yield call["entity_id"]


def _words(reached: set[str], read: Sequence[ClauseReading], home: Home) -> set[str]:
    """All words that say what was acted on: of its names, its maker's, and of places."""
    index = words_of(home)
    entities = [home.entities[entity_id] for entity_id in reached if entity_id in home.entities]
    names = (words for entity in entities for words, _ in index.spelled[entity.id])
    found = {word for words in names for word in words}
    found |= {word for entity in entities for word in index.places.get(entity.area or "", ())}
    spans = [span for clause in read for span in clause.spans if span.slot == "except"]
    return found | {word for span in spans for word in tokens(span.text)}


def _names(clause: ClauseReading, home: Home) -> Iterator[tuple[str, ...]]:
    """What may be a name in a wish: what the model marked as one, and names word for word; of one
    word only where the model marked nothing and things are switched: it may also be a kind ("the
    AC fan on high")."""
    waits = [span for span in clause.spans if span.slot in TIMES]
    for span in clause.spans:
        if span.slot == "name":
            yield tokens(span.text)
    yield from (said for said in names_said(blanked(clause, waits), home) if len(said) > 1)
    if clause.intent in _SWITCHES:
        written = words_of(home).written
        unmarked = tokens(blanked(clause, clause.spans).text)
        yield from ((word,) for word in unmarked if written.get((word,)) == 1)


def _thing(said: tuple[str, ...], told: set[str], home: Home) -> Entity | None:
    """The thing that the words name for certain, if they do not say what was acted on."""
    best = next(iter(match_all(said, home)), None)
    if best is None or best.entity.domain not in _SWITCHED:
        return None
    if best.exact:
        return None if all(_fits(word, told) for word in said) else best.entity
    certain = best.specific and best.score >= _NAMED and any(weight(word) == 1 for word in said)
    return best.entity if certain and not any(_fits(word, told) for word in said) else None


def _fits(word: str, told: set[str]) -> bool:
    return word in told or any(word_fit(word, other) >= _SAME_WORD for other in told)
