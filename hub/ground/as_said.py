"""What a wish is by the verb that is said, where the model wavers or takes the thing for another.

The model reads names that it does not know by what they look like: "Weinkellertür" is a door with
a lock to it, and "Miette" may be anything. The verb and the home know better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from devices.home import Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Scored
from hub.ground.amounts import ends_in_goal
from hub.ground.followup import TIMES
from hub.ground.index import words_of
from hub.ground.named_whole import SWITCHED
from hub.ground.said import names_said
from hub.ground.timespans import blanked
from hub.languages import Lexicon, plain
from hub.quantities import Unit, amount

_DOUBT = 0.15
"""A reading less probable than this is not what the model wavers about."""


def as_said(clause: ClauseReading, home: Home, words: Lexicon) -> ClauseReading:
    """The clause with the intent that its verb means."""
    clause = _to_a_number(clause, words)
    clause = _off_without_an_amount(_named_and_switched(clause, home, words), words)
    clause = _by_its_own_kind(_to_a_level(clause, words), home, words)
    clause = _opened_as_said(_closed_as_said(_as_a_preset(clause), words), words)
    clause = _made_as_said(_switched_as_said(clause, words), words)
    return _started_as_said(_stopped_as_said(clause, words), words)


def _to_a_number(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """A number with slips that heating is set to, as the temperature that it is ("to ninteen")."""
    said = next((s for s in clause.spans if s.slot == "value"), None)
    if clause.intent not in _HEATING or said is None or words.find("mode", plain(said.text)):
        return clause
    if amount(said.text, words) is not None:
        return clause
    meant = amount(f"{said.text} °", words)
    if meant is None or meant.level or meant.unit is Unit.NONE:
        return clause
    number = replace(said, text=f"{meant.value:g}°")
    spans = tuple(number if span is said else span for span in clause.spans)
    return replace(taken_as(clause, "HassClimateSetTemperature", {}), spans=spans)


_HEATING = ("HassClimateSetMode", "HassClimateSetTemperature")


def _off_without_an_amount(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """What of which only "off" is said is turned off, whatever else the verb may do ("knock the
    bench light off" is no dimming, "knock off the telly" no lower volume)."""
    amounts = any(s.slot in ("value", "color") for s in clause.spans)
    likely = any(s.label == "HassTurnOff" and s.confidence >= _DOUBT for s in clause.intents)
    off = words.find("on_off", _wish(clause)) == "off"
    if clause.intent not in _BY_DEGREES or amounts or not likely or not off:
        return clause
    return taken_as(clause, "HassTurnOff", {"direction": Scored(NONE, 1.0)})


_BY_DEGREES = frozenset({"HassLightSet", "HassSetVolumeRelative", "HassFanSetSpeed"})


def _named_and_switched(clause: ClauseReading, home: Home, words: Lexicon) -> ClauseReading:
    """A thing's whole name and "on" or "off", where the model saw no name and takes the rest for a
    wish about no thing at all ("en kookeiland uit", for calling something off)."""
    label = SWITCHED.get(str(words.find("on_off", _wish(clause))))
    likely = any(s.label == label and s.confidence >= _DOUBT for s in clause.intents)
    if clause.intent not in _OF_NO_THING or clause.spans or not likely or label is None:
        return clause
    if len(names_said(clause, home)) != 1:
        return clause
    return taken_as(clause, label, {"direction": Scored(NONE, 1.0)})


_OF_NO_THING = frozenset({"HassCancelSchedule", "HassNevermind", "HassCancelTimer"})


def taken_as(clause: ClauseReading, label: str, attributes: Mapping[str, Scored]) -> ClauseReading:
    """The clause with this intent and these attributes, as probable as that intent and the one it
    was taken for together."""
    first, *others = clause.intents
    both = first.confidence + sum(s.confidence for s in others if s.label == label)
    rest = (s for s in others if s.label != label)
    return replace(
        clause,
        intents=(Scored(label, both), *rest),
        attributes={**clause.attributes, **attributes},
    )


def _to_a_level(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """A volume that is raised or lowered *to* an amount is set to it ("növeld 50%-ra")."""
    if clause.intent != "HassSetVolumeRelative" or not ends_in_goal(clause, words):
        return clause
    return replace(clause, intents=(replace(clause.intents[0], label="HassSetVolume"),))


def _by_its_own_kind(clause: ClauseReading, home: Home, words: Lexicon) -> ClauseReading:
    """Opening or closing what is called by its whole name and has a motor, where the model takes it
    for a lock ("öffne die Weinkellertür")."""
    if clause.intent not in _MOVES or clause.attributes["domain"].label != "lock":
        return clause
    index = words_of(home)
    called = (index.exactly.get(tuple(sorted(n)), ()) for n in names_said(clause, home))
    domains = {home.entities[entity_id].domain for ids in called for entity_id in ids}
    opens, closes = _opens(clause, words), _closes(clause, words)
    if domains != {"cover"} or opens == closes:
        return clause
    sure = clause.attributes["domain"].confidence
    attributes = {**clause.attributes, "domain": Scored("cover", sure)}
    cover = replace(clause, attributes={**attributes, "device_class": Scored(NONE, sure)})
    return _moved(cover, "HassTurnOn" if opens else "HassTurnOff")


_MOVES = ("HassTurnOn", "HassTurnOff")


def _opens(clause: ClauseReading, words: Lexicon) -> bool:
    said = _wish(clause)
    return words.has("opens", said) and not words.has("closing", said)


def _closes(clause: ClauseReading, words: Lexicon) -> bool:
    said = _wish(clause)
    return words.has("closing", said) and not words.has("unlocking", said)


def _wish(clause: ClauseReading) -> str:
    """The words of a wish without those that say when: they have verbs of their own."""
    times = [s for s in clause.spans if s.slot in TIMES]
    return plain(blanked(clause, times).text if times else clause.text)


def _moved(clause: ClauseReading, intent: str) -> ClauseReading:
    """The clause with this of the two moves of a cover, as probable as both together."""
    if clause.intent == intent:
        return clause
    both = sum(s.confidence for s in clause.intents if s.label in _MOVES)
    rest = (s for s in clause.intents if s.label not in _MOVES)
    return replace(clause, intents=(Scored(intent, both), *rest))


def _closed_as_said(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """Of opening and closing a cover, where both are likely, the one whose verb is said."""
    covers = clause.attributes["domain"].label in ("cover", "valve")
    likely = any(s.label == "HassTurnOff" and s.confidence >= _DOUBT for s in clause.intents)
    if clause.intent != "HassTurnOn" or not likely or not covers:
        return clause
    return _moved(clause, "HassTurnOff") if words.has("closing", plain(clause.text)) else clause


def _as_a_preset(clause: ClauseReading) -> ClauseReading:
    """More heating without an amount, where a mode is as likely: the preset of that name, or warmer
    where there is none ("boost the heating")."""
    mode = next((s for s in clause.intents if s.label == "HassClimateSetMode"), None)
    amounts = any(s.slot == "value" for s in clause.spans)
    if clause.intent != "HassClimateSetTemperature" or amounts or mode is None:
        return clause
    return taken_as(clause, mode.label, {}) if mode.confidence >= _AS_LIKELY else clause


_AS_LIKELY = 0.3


def _opened_as_said(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """A cover that is to be opened by a verb that means nothing else ("draw the curtains back")."""
    covers = clause.attributes["domain"].label == "cover"
    if clause.intent != "HassTurnOff" or not covers or not _opens(clause, words):
        return clause
    return _moved(clause, "HassTurnOn")


def _switched_as_said(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """Of on and off, where both are likely because a condition says the other ("turn on the porch
    light when the hall light turns off"), the one that is said before the condition."""
    condition = next((s for s in clause.spans if s.slot == "condition"), None)
    if condition is None or clause.intent not in SWITCHED.values():
        return clause
    before = clause.text[: max(0, condition.start - clause.start)]
    label = SWITCHED.get(str(words.find("on_off", plain(before))))
    both = [s for s in clause.intents if s.label in SWITCHED.values() and s.confidence >= _DOUBT]
    if label is None or len(both) < 2:
        return clause
    sure = Scored(label, sum(s.confidence for s in both))
    return replace(clause, intents=(sure, *(s for s in clause.intents if s not in both)))


def _made_as_said(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """Who makes coffee turns the machine on, whatever the model heard in the verb ("faire du
    café")."""
    making = clause.attributes["device_class"].label == "coffee" and words.has(
        "making", plain(clause.text)
    )
    if clause.intent != "HassTurnOff" or not making or words.has("stopping", plain(clause.text)):
        return clause
    if words.find("on_off", plain(clause.text)) == "off":
        return clause
    return _moved(clause, "HassTurnOn")


def _stopped_as_said(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """A verb of stopping never starts a vacuum or a mower, whatever the model makes of its name."""
    if clause.intent not in _STARTS or not words.has("halting", plain(clause.text)):
        return clause
    return _instead(clause, _STOPS, "HassStopMoving")


def _started_as_said(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """A vacuum that is not told to stop is not stopped ("que Migas pase la aspiradora")."""
    robot = clause.attributes["domain"].label in ("vacuum", "lawn_mower")
    likely = any(s.label in _STARTS and s.confidence >= _DOUBT for s in clause.intents)
    if clause.intent != "HassStopMoving" or not robot or not likely:
        return clause
    if "halting" not in words.groups or words.has("halting", plain(clause.text)):
        return clause
    return _instead(clause, _STARTS, "HassVacuumStart")


def _instead(clause: ClauseReading, likely: frozenset[str], other: str) -> ClauseReading:
    """The clause with the likeliest of these intents, or the other where the model names none."""
    label = next((s.label for s in clause.intents[1:] if s.label in likely), other)
    rest = tuple(s for s in clause.intents[1:] if s.label != label)
    return replace(clause, intents=(Scored(label, clause.intents[0].confidence), *rest))


_STARTS = frozenset({"HassVacuumStart", "HassVacuumCleanArea", "HassLawnMowerStartMowing"})
_STOPS = frozenset({"HassStopMoving", "HassVacuumReturnToBase", "HassLawnMowerDock"})
