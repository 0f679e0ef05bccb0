"""The choices that things offer: modes, presets, sources, effects, suction, programmes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from devices.home import Entity, Home
from hub.ground.names import best_fit, tokens, word_fit
from hub.languages import phrase


@dataclass(frozen=True, slots=True)
class Knob:
    """A choice that a thing offers: the attribute that lists its options, the service and its
    datum, and the intent that a frame names it by."""

    listed: str
    service: str
    datum: str
    intent: str


KNOBS: Mapping[str, tuple[Knob, ...]] = {
    "climate": (
        Knob("hvac_modes", "set_hvac_mode", "hvac_mode", "HassClimateSetMode"),
        Knob("preset_modes", "set_preset_mode", "preset_mode", "HassClimateSetMode"),
        Knob("fan_modes", "set_fan_mode", "fan_mode", "HassClimateSetFanMode"),
        Knob("swing_modes", "set_swing_mode", "swing_mode", "HassClimateSetMode"),
    ),
    "water_heater": (
        Knob("operation_list", "set_operation_mode", "operation_mode", "HassClimateSetMode"),
    ),
    "fan": (Knob("preset_modes", "set_preset_mode", "preset_mode", "HassSetValue"),),
    "humidifier": (Knob("available_modes", "set_mode", "mode", "HassSetValue"),),
    "media_player": (
        Knob("source_list", "select_source", "source", "HassSetValue"),
        Knob("sound_mode_list", "select_sound_mode", "sound_mode", "HassSetValue"),
    ),
    "vacuum": (Knob("fan_speed_list", "set_fan_speed", "fan_speed", "HassSetValue"),),
    "select": (Knob("options", "select_option", "option", "HassSetValue"),),
    "input_select": (Knob("options", "select_option", "option", "HassSetValue"),),
    "light": (Knob("effect_list", "turn_on", "effect", "HassLightSet"),),
}

_FITS = 0.8
"""How well words must name an option."""


def offered(entity: Entity, home: Home, knob: Knob) -> list[str]:
    """The options of one knob, as the device or its discovery lists them."""
    listed = entity.options.get(knob.listed) or home.state(entity.id).attributes.get(knob.listed)
    return [str(option) for option in listed] if listed and isinstance(listed, Sequence) else []


def not_offered(entity: Entity, said: str, options: Sequence[str]) -> str:
    """What to answer where the thing has no option called so."""
    listed = ", ".join(options)
    text = f"{entity.name} has no “{said.replace('_', ' ')}”: it knows {listed}."
    return phrase(text, "options", name=entity.name, options=listed)


def choice(
    entity: Entity, home: Home, said: str, intent: str | None = None
) -> tuple[Knob, str] | None:
    """The knob of the thing that has an option called so, and the option. If two knobs have it,
    the one that `intent` names."""
    found = []
    bare = _without_its_name(said, entity)
    for knob in KNOBS.get(entity.domain, ()):
        for option in offered(entity, home, knob):
            score = max(option_fit(said, option), option_fit(bare, option) if bare else 0.0)
            if score >= _FITS:
                found.append((score + 0.1 * (knob.intent == intent), knob, option))
    if not found:
        return None
    _, knob, option = max(found, key=lambda candidate: candidate[0])
    return knob, option


def _without_its_name(said: str, entity: Entity) -> str:
    """The words without those that only name the thing ("programme feinwesche" of a Waschprogramm);
    nothing where that takes none of them away."""
    own = {word for name in (entity.name, *entity.aliases) for word in tokens(name)}
    words = tokens(said)
    left = [word for word in words if not any(word_fit(word, other) >= _FITS for other in own)]
    return " ".join(left) if 0 < len(left) < len(words) else ""


def that_offer(
    said: Sequence[str], by_domain: Mapping[str, Sequence[Entity]], home: Home
) -> frozenset[str]:
    """The ids of the things that have an option called like any of these: few, in a big home."""
    offers = [
        (option, entity.id)
        for domain, knobs in KNOBS.items()
        for entity in by_domain.get(domain, ())
        for knob in knobs
        for option in offered(entity, home, knob)
    ]
    fitting = {
        option
        for option in {option for option, _ in offers}
        if any(option_fit(text, option) >= _FITS for text in said)
    }
    return frozenset(entity_id for option, entity_id in offers if option in fitting)


_IDLE_WORDS = frozenset(
    "swing mode preset program programme cycle setting input source effect suction modo modus "
    "modalita tryb stand efecto effet effekt effetto efekt programa programma programm "
    "模 式".split()
)
"""Words beside an option's name, in the languages of `options.toml`."""


@lru_cache(maxsize=8192)
def option_fit(said: str, option: str) -> float:
    """How well words name an option ("sleep mode", "line in", "hdmi 2", "the wool programme")."""
    spoken, written = _bare(said), _bare(option)
    if spoken[1:] and said.rsplit(maxsplit=1)[-1] == "one" and "1" not in written:
        spoken = spoken[:-1]  # "the quick one"
    if not spoken or not written:
        return 0.0
    if "".join(spoken) == "".join(written):
        return 1.0
    if _name(" ".join(spoken)) in _CALLED.get("_".join(written), ()):
        return _BY_CONVENTION
    digits = [[w for w in words if w.isdigit()] for words in (spoken, written)]
    if digits[0] != digits[1] and any(digits):
        return 0.0 if digits[0] else _LESS * option_fit(said, _without_digits(option))
    return best_fit(" ".join(spoken), [" ".join(written)])


def _name(said: str) -> str:
    """Words as one name, without what a compound ends with ("Nachtmodus", "Kühlbetrieb")."""
    return " ".join(_COMPOUND_END.sub("", word) for word in tokens(said))


_COMPOUND_END = re.compile(r"(?<=\w{3})(modus|betrieb|stand|programma?)$")


_CALLED: Mapping[str, frozenset[str]] = {
    option: frozenset(_name(said) for said in called)
    for option, called in tomllib.loads(
        (files("hub.languages") / "options.toml").read_text("utf-8")
    ).items()
}
_BY_CONVENTION = 0.95
"""How well a word of any language fits the option that devices name by convention: nearly as well
as the option's own name does."""
_LESS = 0.92
"""What is left of a fit if the option's number was not said ("intensive": Intensive 70)."""


def _without_digits(option: str) -> str:
    """The option's words but its numbers, written as digits or as words ("BBC One")."""
    return " ".join(word for word in _bare(option) if not word.isdigit())


def options_said(entity: Entity, home: Home, text: str) -> list[str]:
    """The options whose words all stand in the text, in order ("pots and pans"), longest first."""
    said = f" {' '.join(tokens(text))} "
    listed = (o for knob in KNOBS.get(entity.domain, ()) for o in offered(entity, home, knob))
    found = [o for o in listed if len(o) > 2 and f" {' '.join(_bare(o))} " in said]
    return sorted(found, key=len, reverse=True)


def _bare(text: str) -> tuple[str, ...]:
    spaced = "".join(
        f" {c}" if c.isdigit() and before.isalpha() else c
        for before, c in zip(" " + text, text, strict=False)
    )
    words = tokens(spaced.replace("_", " ").replace("-", " "))
    kept = tuple(_DIGITS.get(word, word) for word in words if word not in _IDLE_WORDS)
    return tuple(_MODES.get(word, word) for word in kept) or words


_DIGITS = {"one": "1", "two": "2", "three": "3", "four": "4"}
_MODES = {
    "heating": "heat", "cooling": "cool", "automatic": "auto", "drying": "dry",
    "full": "max", "maximum": "max", "minimum": "min", "silent": "quiet",
}  # fmt: skip
