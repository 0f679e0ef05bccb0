"""Conditions about states: "when the window opens", "once the dryer is done", "if it rains"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from devices.home import Entity, Home
from hub.automations.schema import Condition, GroupCondition, StateCondition
from hub.ground.areas_said import areas_said
from hub.ground.awaited import Told, which
from hub.ground.by_name import NAMED
from hub.ground.context import Context
from hub.ground.index import match_all
from hub.ground.names import kinds_in, tokens
from hub.ground.told import names, state_word
from hub.languages import Lexicon, Phrase

_ENDED = ("done", "finished", "finish", "complete", "completed", "end", "ended", "idle", "off",
          "ready", "stopped", "program_ended", "standby")  # fmt: skip
_STATES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "open": {"cover": ("open", "opening"), "valve": ("open", "opening"), "binary_sensor": ("on",)},
    "closed": {"cover": ("closed",), "valve": ("closed",), "binary_sensor": ("off",)},
    "locked": {"lock": ("locked",)},
    "unlocked": {"lock": ("unlocked", "open")},
    "on": {
        **dict.fromkeys(
            "light switch fan humidifier siren binary_sensor input_boolean remote".split(), ("on",)
        ),
        "media_player": ("on", "playing", "paused", "idle", "buffering"),
        "climate": ("heat", "cool", "auto", "heat_cool", "dry", "fan_only"),
        "vacuum": ("cleaning",), "lawn_mower": ("mowing",),
        "sensor": ("running", "on", "run", "in_progress", "active"),
        "timer": ("active",),
    },
    "off": {
        **dict.fromkeys(
            "light switch fan humidifier siren binary_sensor media_player climate input_boolean "
            "remote".split(), ("off",),
        ),
        "vacuum": ("docked", "idle"), "lawn_mower": ("docked",), "sensor": _ENDED,
        "timer": ("idle",),
    },
    "done": {
        "binary_sensor": ("off",), "switch": ("off",), "sensor": _ENDED, "timer": ("idle",),
        "vacuum": ("docked", "idle"), "lawn_mower": ("docked",), "media_player": ("off", "idle"),
    },
    "detected": {"binary_sensor": ("on",)},
    "clear": {"binary_sensor": ("off",)},
    "playing": {"media_player": ("playing",)},
    "triggered": {"alarm_control_panel": ("triggered",), "siren": ("on",)},
    "armed": {"alarm_control_panel": ("armed_home", "armed_away", "armed_night",
                                      "armed_vacation", "armed_custom_bypass")},
    "disarmed": {"alarm_control_panel": ("disarmed",)},
}  # fmt: skip
"""What a situation is called in Home Assistant's states, by domain."""
_OPENINGS = frozenset({"door", "window", "garage_door", "opening", "garage", "lock"})
_SENSED = frozenset({"motion", "occupancy", "presence", "moving", "sound", "smoke", "gas",
                     "carbon_monoxide", "moisture", "vibration", "safety", "problem"})  # fmt: skip
_MACHINES = frozenset({None, "running", "power", "moving", "enum", "problem", "outlet", "plug"})

_OPPOSITE = {
    "open": "closed", "closed": "open", "on": "off", "off": "on", "locked": "unlocked",
    "unlocked": "locked", "detected": "clear", "clear": "detected",
}  # fmt: skip


def situation(
    core: str, home: Home, context: Context, near: Sequence[str] = ()
) -> Told | Phrase | None:
    """The state that a thing, or any thing of a kind, must be in; None if the words say no state
    that a thing of this home has; a question if they may mean several things."""
    words = context.words
    what = words.find("happening", core)
    if what not in _STATES:
        return None
    if words.has("negated", core):
        what = _OPPOSITE.get(str(what))
        if what is None:
            return None
    what, things = _so(str(what), core, home, words)
    if not things:
        return None
    every = words.has("all", core)
    if len(things) > 1 and not every and not words.has("any", core) and not areas_said(core, home):
        return which(things)
    parts: list[Condition] = [
        StateCondition(
            condition="state", entity_id=[e.id], state=list(_STATES[str(what)][e.domain])
        )
        for e in things
    ]
    joined = "and" if every else "or"
    condition = parts[0] if len(parts) == 1 else GroupCondition(condition=joined, conditions=parts)
    english = f"{_listed(things, every)} is {what}"
    shown = words.states.get(str(what), str(what))
    brief = f"{', '.join(e.name for e in things)}: {shown}"
    found = "; ".join(f"{e.name} is {state_word(e, home)}" for e in things)
    return Told(condition, english, brief, found, tuple(e.id for e in things))


def _so(what: str, core: str, home: Home, words: Lexicon) -> tuple[str, list[Entity]]:
    """What the words name that can be so, and how it is. "Goes off" is said of an alarm, of a
    detector, and of what was on: each in its own way."""
    things = _things(core, what, home, words)
    if things or what != "triggered":
        return what, things
    if sensed := _things(core, "detected", home, words):
        return "detected", sensed
    return "off", [e for e in _things(core, "off", home, words) if e.domain != "binary_sensor"]


def _listed(things: Sequence[Entity], every: bool) -> str:
    if len(things) == 1:
        return things[0].name
    return f"each of {names(things)}" if every else f"one of {', '.join(e.name for e in things)}"


def _things(core: str, what: str, home: Home, words: Lexicon) -> list[Entity]:
    """What the words name among the things that can be so; else those of the kind, there."""
    able = {e.id for e in home.entities.values() if _can_be(e, what)}
    bare = words.without("being", words.without_reading("happening", core))
    said = tokens(bare)
    found = match_all(said, home) if said else []
    telling = [m for m in found if (m.exact or m.specific) and m.score >= NAMED]
    top = [m for m in telling if m.score >= telling[0].score - 0.03]
    named = [m.entity for m in top if m.entity.id in able]
    if top:
        return _preferred(named, what)
    areas = areas_said(core, home)
    kind = words.find("sensor_class", core)
    kinds = {*kinds_in(bare), *({str(kind)} if kind else ())}
    of_kind = [home.entities[i] for i in sorted(able) if _is_of(home.entities[i], kinds)]
    return [e for e in of_kind if not areas or e.area in areas]


def _preferred(named: list[Entity], what: str) -> list[Entity]:
    """Of several that were named alike, the one that senses it."""
    sensing = [e for e in named if e.domain in ("binary_sensor", "sensor")]
    if what in ("done", "on", "off", "open", "closed") and len(sensing) == 1:
        return sensing
    return named


def _can_be(entity: Entity, what: str) -> bool:
    if entity.domain not in _STATES[what]:
        return False
    kind = entity.device_class
    if entity.domain == "binary_sensor":
        if what in ("open", "closed"):
            return kind in _OPENINGS
        if what in ("detected", "clear"):
            return kind in _SENSED
        return kind not in _OPENINGS if what == "done" else True
    return entity.domain != "sensor" or kind in _MACHINES


def _is_of(entity: Entity, kinds: set[str]) -> bool:
    own = {entity.device_class, entity.domain}
    alike = {"motion": {"motion", "occupancy", "moving"}, "garage": {"garage", "garage_door"}}
    return any(kind in own or own & alike.get(kind, set()) for kind in kinds)


_WEATHER: Mapping[str, tuple[str, ...]] = {
    "rain": ("rainy", "pouring", "lightning-rainy", "snowy-rainy"),
    "snow": ("snowy", "snowy-rainy"),
    "sun": ("sunny",),
    "wind": ("windy", "windy-variant"),
    "fog": ("fog",),
    "storm": ("lightning", "lightning-rainy"),
    "hail": ("hail",),
}


def weather_like(core: str, home: Home, context: Context, near: Sequence[str] = ()) -> Told | None:
    """What the weather must be like; None where no weather service tells it."""
    kind = context.words.find("weather", core)
    services = [e for e in home.entities.values() if e.domain == "weather"]
    if kind not in _WEATHER or len(services) != 1 or kinds_in(core):
        return None
    entity = services[0]
    condition = StateCondition(
        condition="state", entity_id=[entity.id], state=list(_WEATHER[str(kind)])
    )
    now = home.state(entity.id).state or "unknown"
    english = f"the weather is {_WEATHER[str(kind)][0]}"
    brief = f"{entity.name}: {_WEATHER[str(kind)][0]}"
    return Told(condition, english, brief, f"the weather is {now}", (entity.id,))
