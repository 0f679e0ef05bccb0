"""What a clause takes from the conversation: a verb of the last wish, or the things it was about.

"And the bathroom too" has no verb, "turn it off" no device, "a bit more" neither. What is missing
comes from the last turn, or from the clause before in the same sentence. Things are handed on by
entity id, as spans of the slot `entity`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from devices.home import Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Scored, Span
from hub.ground.context import Context
from hub.ground.names import kind_of_word, tokens
from hub.ground.said import names_said
from hub.languages import plain

TARGETS = ("name", "area", "floor", "device")
TIMES = frozenset({"delay", "time", "condition"})
POINTED = "entity"
"""Slot of the spans that stand for an entity of the conversation; their text is its id."""
ELLIPSIS_SECONDS = 120
"""How long "louder" still means what was spoken of last."""


def pointing(clause: ClauseReading, ids: tuple[str, ...]) -> tuple[Span, ...]:
    """Spans that stand for entities."""
    return tuple(Span(clause.start, clause.start, POINTED, entity_id, 1.0) for entity_id in ids)


def whole(clause: ClauseReading, home: Home, context: Context) -> ClauseReading:
    """A clause without a verb of its own, with the last turn's."""
    last = context.extra.get("clause")
    if not isinstance(last, ClauseReading) or not _follows(clause, last, context):
        return clause
    targets = _own_targets(clause, home, context, last)
    rest = [s for s in clause.spans if s.slot not in TARGETS]
    if not clause.spans and len(plain(clause.text).split()) <= _FEW_WORDS:
        rest = _whole_value(clause, context)
    further = context.words.find("further", plain(clause.text))
    if not rest and not further:
        rest = [s for s in last.spans if s.slot not in (*TARGETS, *TIMES, POINTED, "except")]
    attributes = dict(last.attributes)
    if further:
        attributes["direction"] = Scored(_towards(last, str(further)), 1.0)
    elif any(s.slot in ("value", "color") for s in rest):
        attributes["direction"] = Scored(NONE, 1.0)
    intent = Scored(_stepped(last, bool(further)), clause.intents[0].confidence)
    return replace(
        clause, intents=(intent,), attributes=attributes, spans=(*targets, *rest)
    )  # fmt: skip


def of_that_kind(clause: ClauseReading, context: Context) -> ClauseReading:
    """ "... and the one in the kitchen": a wish that says no more than where is about the kind of
    thing that the wish before it in the same sentence is about."""
    last = context.extra.get("clause")
    own = [s for s in clause.spans if s.slot in TARGETS]
    kinds = {entity_id.partition(".")[0] for entity_id in context.extra.get("meant", ())}
    if not isinstance(last, ClauseReading) or len(kinds) != 1 or not _only_where(own):
        return clause
    before = clause.text[: own[0].start - clause.start]
    after = clause.text[own[0].end - clause.start :].lstrip()
    pointing = context.words.has("the_one", plain(before))
    if not pointing and context.words.starts("one_there", after) is None:
        return clause
    (kind,) = kinds
    attributes = {**clause.attributes, "domain": Scored(kind, 1.0)}
    attributes["device_class"] = last.attributes["device_class"]
    spans = tuple(s for s in clause.spans if s.slot != "device")
    return replace(clause, spans=spans, attributes=attributes)


def _only_where(own: list[Span]) -> bool:
    """Whether targets are one place, and perhaps "one"."""
    rest = tuple(s for s in own if s.slot not in ("area", "floor"))
    return (
        bool(own)
        and own[0].slot in ("area", "floor")
        and len(rest) < len(own) < 3
        and (not rest or _only_one(rest))
    )


def _whole_value(clause: ClauseReading, context: Context) -> list[Span]:
    """The whole clause as an amount, if it is one."""
    said = plain(clause.text)
    if context.words.which("level", said) is None:
        return []
    return [Span(clause.start, clause.end, "value", clause.text, 1.0)]


def _follows(clause: ClauseReading, last: ClauseReading, context: Context) -> bool:
    """Whether the clause goes on with the last one: it has no verb, or is a bare amount ("all the
    way"), or begins with "and" and sets an amount as the last one did."""
    if clause.intent == "HassFollowUp":
        return True
    said = plain(clause.text).split()
    if not fresh(context) or context.previous is None or not 0 < len(said) <= _FEW_WORDS:
        return False
    slots = {span.slot for span in clause.spans}
    setting = clause.intent in _AMOUNTS and last.intent in _AMOUNTS
    bare = slots <= {"value"} and clause.attributes["direction"].label == NONE
    joined = context.words.fits("joining", said[0]) and "value" in slots
    return setting and (joined or (bare and _of_other_things(clause, context)))


def _of_other_things(clause: ClauseReading, context: Context) -> bool:
    about = {i.partition(".")[0] for i in (context.previous.about if context.previous else ())}
    return bool(about) and clause.attributes["domain"].label not in about


_FEW_WORDS = 6
_AMOUNTS = frozenset(
    {"HassLightSet", "HassSetPosition", "HassFanSetSpeed", "HassClimateSetTemperature",
     "HassHumidifierSetpoint", "HassSetVolume", "HassSetValue"}
)  # fmt: skip


def _towards(last: ClauseReading, further: str) -> str:
    """More of a dimming is dimmer; less of it is brighter."""
    before = last.attributes["direction"].label
    if before == NONE:
        return further
    return before if further == "up" else {"up": "down", "down": "up"}[before]


def _stepped(last: ClauseReading, further: bool) -> str:
    return "HassSetVolumeRelative" if further and last.intent == "HassSetVolume" else last.intent


def _own_targets(
    clause: ClauseReading, home: Home, context: Context, last: ClauseReading
) -> tuple[Span, ...]:
    """What the clause names itself, else what the last turn was about."""
    own = tuple(s for s in clause.spans if s.slot in TARGETS)
    other = _the_other(clause, home, context)
    if other:
        return pointing(clause, other)
    if not own:
        about = _pointed_at(clause, context)
        return (
            pointing(clause, about) if about else tuple(s for s in last.spans if s.slot in TARGETS)
        )
    places = [s for s in own if s.slot in ("area", "floor")]
    if len(places) < len(own) and not _only_one(own):
        return own
    kind = [s for s in last.spans if s.slot == "device"]
    named = [s for s in last.spans if s.slot == "name"]
    for span in named if not kind else ():
        words = " ".join(w for w in tokens(span.text) if kind_of_word(w) not in (None, "room"))
        if words:
            kind.append(Span(clause.start, clause.start, "device", words, 1.0))
    return (*places, *kind)


def _only_one(spans: tuple[Span, ...]) -> bool:
    """Whether the device is just "the one"."""
    said = [w for s in spans if s.slot in ("device", "name") for w in tokens(s.text)]
    return all(kind_of_word(word) == "thing" for word in said)


def _the_other(clause: ClauseReading, home: Home, context: Context) -> tuple[str, ...]:
    """ "The other one": what was offered or is there besides what was spoken of."""
    if not context.words.has("other", plain(clause.text)) or context.previous is None:
        return ()
    about = context.previous.about
    left = tuple(entity_id for entity_id in context.offered if entity_id not in about)
    several = any(s.text.endswith("s") for s in clause.spans if s.slot in ("device", "name"))
    if len(left) != 1 and len(about) == 1 and (known := home.entities.get(about[0])):
        left = tuple(
            e.id
            for e in home.entities.values()
            if e.domain == known.domain and e.area == known.area and e.id != known.id
        )
    return left if len(left) == 1 or several else ()


def pointed(clause: ClauseReading, home: Home, context: Context) -> ClauseReading:
    """ "Turn it off", "louder": with the things that were spoken of last."""
    if any(span.slot in (*TARGETS, POINTED) for span in clause.spans):
        other = _the_other(clause, home, context) if _only_one(clause.spans) else ()
        if not other:
            return clause
        kept = tuple(s for s in clause.spans if s.slot not in TARGETS)
        return replace(clause, spans=(*kept, *pointing(clause, other)))
    about = _pointed_at(clause, context)
    if not about or (not clause.spans and _names_another(clause, home, context)):
        return clause
    domains = {entity_id.partition(".")[0] for entity_id in about}
    wanted = clause.attributes["domain"].label
    said = _says_pronoun(clause, context, wanted in (*domains, NONE))
    relative = clause.attributes["direction"].label != NONE or clause.intent == "HassMediaPause"
    fitting = wanted in (*domains, NONE) or (relative and not _only_for(wanted, domains))
    if not said and not (fitting and fresh(context)):
        return clause
    if wanted in ("climate", "media_player") and wanted not in domains and relative:
        return clause  # "make it warmer" is not about the lamp
    if not said and clause.attributes["scope"].label == "all":
        return clause
    attributes = dict(clause.attributes)
    if len(domains) == 1 and wanted == NONE and "lock" not in domains:
        attributes["domain"] = Scored(next(iter(domains)), 1.0)
    return replace(clause, spans=(*clause.spans, *pointing(clause, about)), attributes=attributes)


def _names_another(clause: ClauseReading, home: Home, context: Context) -> bool:
    """Whether a thing's whole name stands in words that the model saw no name in."""
    pronoun = context.words.has("pronoun", plain(clause.text))
    return not pronoun and len(names_said(clause, home)) == 1


def _says_pronoun(clause: ClauseReading, context: Context, fitting: bool) -> bool:
    """Whether the clause points at something. A word that is also an article ("la") does so only
    if the clause may be about that kind of thing."""
    said, words = plain(clause.text), context.words
    if fitting or not words.has("pronoun", said):
        return words.has("pronoun", said)
    return any(words.fits("pronoun", w) and not words.fits("articles", w) for w in said.split())


def _only_for(wanted: str, domains: set[str]) -> bool:
    """Whether a relative wish cannot be about things of these domains ("warmer" of a blind)."""
    return wanted == "climate" or not domains & {"cover", "fan", "media_player", "light", "vacuum"}


def _pointed_at(clause: ClauseReading, context: Context) -> tuple[str, ...]:
    about = context.previous.about if context.previous else ()
    if len(about) < 2 and context.words.has("both", plain(clause.text)):
        return context.recent[:2]
    return about


def fresh(context: Context) -> bool:
    """Whether the last turn is so near that words may be left out."""
    at = context.previous.at if context.previous else None
    return at is None or context.now - at <= timedelta(seconds=ELLIPSIS_SECONDS)
