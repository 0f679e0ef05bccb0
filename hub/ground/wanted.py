"""Which entities an intent can be about, as tables over domains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Span
from hub.ground.names import kind_of_word, kinds_in, may_name_kind, tokens
from hub.ground.target import Wanted
from hub.languages import Lexicon, lexicon, plain

ON_OFF = frozenset(
    "light switch fan media_player input_boolean climate humidifier siren camera automation "
    "water_heater vacuum lawn_mower scene script button input_button valve update".split()
)
"""Domains that "turn on" and "turn off" are said of."""

EVERYTHING = frozenset("light switch fan media_player input_boolean".split())
"""What "everything" means when it is turned on or off: nothing that heats, locks or drives."""

OPENING = frozenset({"cover", "valve"})
LOCKING = frozenset({"lock"})

DOMAINS_OF_INTENT: Mapping[str, frozenset[str]] = {
    "HassLightSet": frozenset({"light"}),
    "HassClimateSetTemperature": frozenset({"climate", "water_heater"}),
    "HassClimateGetTemperature": frozenset({"climate"}),
    "HassClimateSetFanMode": frozenset({"climate"}),
    "HassClimateSetMode": frozenset({"climate", "water_heater", "humidifier"}),
    "HassFanSetSpeed": frozenset({"fan"}),
    "HassSetPosition": OPENING,
    "HassStopMoving": frozenset({"cover", "valve", "vacuum", "lawn_mower"}),
    "HassHumidifierSetpoint": frozenset({"humidifier"}),
    "HassSetValue": frozenset(
        "select number text input_select input_number input_text fan humidifier vacuum "
        "media_player climate water_heater light".split()
    ),
    "HassAlarmArm": frozenset({"alarm_control_panel"}),
    "HassAlarmDisarm": frozenset({"alarm_control_panel"}),
    "HassLawnMowerStartMowing": frozenset({"lawn_mower"}),
    "HassLawnMowerDock": frozenset({"lawn_mower"}),
    **dict.fromkeys(
        ("HassVacuumStart", "HassVacuumReturnToBase", "HassVacuumCleanArea"), frozenset({"vacuum"})
    ),
    **dict.fromkeys(
        (
            "HassMediaPause", "HassMediaUnpause", "HassMediaNext", "HassMediaPrevious",
            "HassSetVolume", "HassMediaPlayerMute", "HassMediaPlayerUnmute",
            "HassSetVolumeRelative", "HassMediaSearchAndPlay",
        ),
        frozenset({"media_player"}),
    ),
}  # fmt: skip

_SAME_DOMAIN: Mapping[str, frozenset[str]] = {
    "switch": frozenset({"switch", "input_boolean"}),
    "button": frozenset({"button", "input_button"}),
    "select": frozenset({"select", "input_select"}),
    "number": frozenset({"number", "input_number"}),
    "text": frozenset({"text", "input_text"}),
    "script": frozenset({"script", "automation", "scene"}),
    "scene": frozenset({"scene", "script"}),
}


def wanted_for(clause: ClauseReading, home: Home, words: Lexicon) -> Wanted:
    """What the clause's intent and attributes allow."""
    domain = clause.attributes["domain"].label
    device_class = clause.attributes["device_class"].label
    if domain == "cover":
        device_class = cover_class_said(clause, words, device_class)
    group = DOMAINS_OF_INTENT.get(clause.intent) or verb_group(domain)
    if domain not in group and clause.intent in DOMAINS_OF_INTENT:
        domain = min(group) if len(group) == 1 else domain
    kind = kind_of(domain, device_class, home)
    if domain in ("switch", "valve", NONE) and words.has("watering", plain(clause.text)):
        return Wanted(_in(OPENING | ON_OFF), _waters(words), NONE, NONE)
    if clause.intent in DOMAINS_OF_INTENT and domain == NONE:
        kind = _in(group)
    elif other := _contradicted(clause, home, domain, device_class):
        return Wanted(_in(group), other, NONE, NONE)
    elif device_class == "outlet" and not _may_be_outlet(clause):
        return Wanted(_in(group), _nothing, domain, device_class)
    return Wanted(_in(group), kind, domain, device_class, _passes_for(clause, domain))


def _may_be_outlet(clause: ClauseReading) -> bool:
    """Whether what was read as a socket can mean one: "the oven" is no word for all sockets."""
    said = [word for s in clause.spans if s.slot == "device" for word in tokens(s.text)]
    kinds = ("outlet", "switch", "thing")
    return not said or any(may_name_kind(word, kind) for word in said for kind in kinds)


def _nothing(entity: Entity) -> bool:
    return False


def _waters(words: Lexicon) -> Callable[[Entity], bool]:
    """Whether a thing waters a garden: a valve, or a switch that is called so."""

    def waters(entity: Entity) -> bool:
        if entity.domain == "valve":
            return True
        said = plain(" ".join((entity.name, *entity.aliases)))
        called = any(known.has("watering", said) for known in (words, lexicon("en")))
        return entity.domain in ("switch", "input_boolean") and called

    return waters


KIND_DOMAINS: Mapping[str, str] = {
    "light": "light", "fan": "fan", "tv": "media_player", "speaker": "media_player",
    "vacuum": "vacuum", "thermostat": "climate", "heater": "climate", "camera": "camera",
    "valve": "valve", "lock": "lock", "outlet": "switch",
}  # fmt: skip
"""Which domain a thing of a kind usually has."""


def domain_named(text: str, domains: Mapping[str, str] = KIND_DOMAINS) -> str | None:
    """The domain of the kind of thing that a text names; None if it names none, or several."""
    named = {domains[kind] for kind in kinds_in(text) if kind in domains}
    return named.pop() if len(named) == 1 else None


def _contradicted(
    clause: ClauseReading, home: Home, domain: str, device_class: str
) -> Callable[[Entity], bool] | None:
    """The kind that the device's own word names, where the model took it for another: a socket may
    switch a television, but "the tv" is what is called so."""
    said = [kind for s in clause.spans if s.slot == "device" for kind in kinds_in(s.text)]
    usual = {KIND_DOMAINS.get(kind, domain) for kind in said}
    if domain != "switch" or not said or domain in usual or device_class == "coffee":
        return None
    if any(e.domain in usual for e in home.entities.values()):
        return lambda e: e.domain in usual
    return lambda e: bool(_kinds(e) & set(said))


def _passes_for(clause: ClauseReading, domain: str) -> Callable[[Entity], bool]:
    """Switches that are called as the kind is ("balcony lights"), where only switching is asked;
    a plug of any sort makes no coffee ("brew up")."""
    coffee = clause.attributes["device_class"].label == "coffee"
    if coffee or clause.intent not in ("HassTurnOn", "HassTurnOff", "HassGetState"):
        return lambda e: False
    kinds = {kind for kind, usual in KIND_DOMAINS.items() if usual == domain}
    return lambda e: e.domain in ("switch", "input_boolean") and bool(_kinds(e) & kinds)


COVER_KINDS = ("garage", "blind", "curtain", "shade", "shutter", "window", "gate", "door")


def cover_class_said(clause: ClauseReading, words: Lexicon, read: str = NONE) -> str:
    """Device class of the cover that a generic word names ("blinds"): by the words themselves, as
    Home Assistant lists them; else as the model read it."""
    said = " ".join(span.text for span in clause.spans if span.slot == "device")
    said = said or " ".join(filter(None, map(_kind_for_a_name, clause.spans)))
    if "garage" in kinds_in(said):
        return "garage"
    listed = words.find("cover_class", plain(said))
    if listed is not None:
        return str(listed)
    if read != NONE:
        return read
    kinds = kinds_in(said)
    return next((kind for kind in COVER_KINDS if kind in kinds), NONE)


def _kind_for_a_name(span: Span) -> str:
    """The word for a kind of cover that the model took for a name, where beside it stands only what
    is too short to name anything ("persianas de la")."""
    longer = [word for word in span.text.split() if len(word) > _SHORT]
    kinds = all(kind_of_word(word) in COVER_KINDS for word in tokens(" ".join(longer)))
    return " ".join(longer) if span.slot == "name" and kinds else ""


_SHORT = 2


def verb_group(domain: str) -> frozenset[str]:
    """The domains that share a verb with `domain`: one locks locks and opens covers."""
    if domain in LOCKING:
        return LOCKING
    if domain == "valve":
        return OPENING | ON_OFF
    if domain in OPENING:
        return OPENING
    return ON_OFF


def _in(domains: frozenset[str]) -> Callable[[Entity], bool]:
    return lambda entity: entity.domain in domains


def kind_of(domain: str, device_class: str, home: Home) -> Callable[[Entity], bool]:
    """Whether an entity is of the kind that a generic word means."""
    if device_class == "coffee":
        return lambda e: e.domain in ON_OFF and "coffee" in _kinds(e)
    domains = _SAME_DOMAIN.get(domain, frozenset({domain}) if domain != NONE else EVERYTHING)
    if device_class == "outlet":
        outlets = [e.id for e in home.entities.values() if e.domain in domains and _is_outlet(e)]
        return lambda e: e.domain in domains and (not outlets or e.id in outlets)
    if device_class != NONE and domain in OPENING:
        return lambda e: e.domain in domains and _has_class(e, device_class)
    return lambda e: e.domain in domains


def _has_class(entity: Entity, device_class: str) -> bool:
    if entity.device_class == device_class:
        return True
    if entity.device_class in (None, "opening"):
        return device_class in _kinds(entity)
    return {entity.device_class, device_class} <= _SHADING


_SHADING = frozenset({"blind", "shade", "shutter"})
"""People use these words for the same thing; a curtain, a door or a gate is never meant by them."""


def _is_outlet(entity: Entity) -> bool:
    return entity.device_class == "outlet" or "outlet" in _kinds(entity)


def _kinds(entity: Entity) -> frozenset[str]:
    return _kinds_called((entity.name, *entity.aliases))


@lru_cache(maxsize=4096)
def _kinds_called(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(kind for name in names for kind in kinds_in(name))
