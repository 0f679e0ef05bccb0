"""Stations, channels and inputs: what a player lists as its sources, said with or without it."""

from __future__ import annotations

from dataclasses import replace

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading, Scored, Span
from hub.ground.context import Context
from hub.ground.followup import POINTED, pointing
from hub.ground.index import words_of
from hub.ground.names import best_fit, tokens
from hub.ground.options import choice, options_said
from hub.ground.search import find_target
from hub.ground.target import Wanted
from hub.languages import plain


def with_its_source(clause: ClauseReading, home: Home, context: Context) -> ClauseReading | None:
    """ "Watch Hulu", "radio to Jazz FM", "zet NPO 3 op": a title, or a name that nothing else has,
    that is just what the player that was named has as a source, or only one has where none was
    named."""
    title = _title(clause, home)
    if title is None or context.words.find("on_off", plain(clause.text)) == "off":
        return None
    said = _in_full(title, clause, home)
    players = source_of(said, home)
    here = [e for e in players if e.area is not None and e.area == context.area] or players
    others = [s for s in clause.spans if s is not title]
    if players and any(s.slot in ("name", "device", "area", POINTED) for s in others):
        wanted = Wanted(lambda e: e.domain == "media_player", lambda e: e in players)
        rest = replace(clause, spans=tuple(others))
        here = [e for e in find_target(rest, home, context, wanted).entities if e in players]
    if len(here) != 1:
        return None
    spans = (*pointing(clause, (here[0].id,)), replace(title, slot="value", text=said))
    likely = sum(s.confidence for s in clause.intents if s.label in _SET)
    first = Scored("HassSetValue", max(min(1.0, likely), _OFFERED))
    return replace(clause, intents=(first, *clause.intents[1:]), spans=spans)


_OFFERED = 0.6
"""How sure a reading is that sets a player to the very source it lists."""
_THE_VERY = 0.95
_PLAYING = "HassMediaSearchAndPlay"
_SET = frozenset(
    {_PLAYING, "HassSetValue", "HassTurnOn", "HassToggle", "HassFanSetSpeed", "HassSetVolume"}
)
"""What setting a source is taken for where its name tells the model nothing."""


def source_of(said: str, home: Home) -> list[Entity]:
    """The players that have a source called just so."""
    players = words_of(home).by_domain.get("media_player", ())
    return [e for e in players if best_fit(said, [choice_name(e, home, said)]) > _THE_VERY]


def choice_name(entity: Entity, home: Home, said: str) -> str:
    """The option of a thing that is called so; empty if it has none."""
    found = choice(entity, home, said)
    return found[1] if found else ""


def _title(clause: ClauseReading, home: Home) -> Span | None:
    """What may be the source: what is to be played, or what is named and is no thing here."""
    titles = [s for s in clause.spans if s.slot == "query"]
    if clause.intent == _PLAYING and len(titles) == 1:
        return titles[0]
    names = [s for s in clause.spans if s.slot == "name"]
    values = [s for s in clause.spans if s.slot == "value"]
    if clause.intent == "HassSetValue" and len(values) == 1 and not names and not titles:
        return values[0]
    if clause.intent not in _SET or titles or len(names) != 1:
        return None
    return None if tokens(names[0].text) in words_of(home).written else names[0]


def _in_full(title: Span, clause: ClauseReading, home: Home) -> str:
    """The source that stands in the sentence around what was marked of it ("Radio 4" for "4")."""
    marked = set(tokens(title.text))
    for player in words_of(home).by_domain.get("media_player", ()):
        for option in options_said(player, home, clause.text):
            if marked < set(tokens(option)):
                return option
    return title.text
