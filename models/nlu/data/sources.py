"""Where sentences come from: Home Assistant's templates, our own grammar, and real people."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from hassil.intents import Intents, RangeSlotList
from home_assistant_intents import get_intents

from edge.tasks.understanding_schema import DEVICE_CLASSES, DOMAINS, INTENTS, NONE
from models.nlu.data.examples import Clause, Example, Word, words_from
from models.nlu.data.sampler import Grammar, ListValue, Sample, draw, number_words, parse_template

SLOT_NAMES: Mapping[str, str] = {
    "brightness": "value",
    "position": "value",
    "percentage": "value",
    "volume_level": "value",
    "volume_step": "-",
    "volume_step_up": "value",
    "volume_step_down": "value",
    "temperature": "value",
    "fan_mode": "value",
    "hours": "duration",
    "minutes": "duration",
    "seconds": "duration",
    "start_hours": "start_duration",
    "start_minutes": "start_duration",
    "start_seconds": "start_duration",
    "search_query": "query",
    "device_class": "device",
    "zone": "state",
}
"""Home Assistant's slot names to ours, where they differ. "-" is no slot."""

NAME_LISTS: Mapping[str, Sequence[str]] = {
    "light": ("light_name",),
    "switch": ("switch_name",),
    "input_boolean": ("switch_name",),
    "fan": ("fan_name",),
    "media_player": ("media_name",),
    "climate": ("climate_name",),
    "cover": ("cover_name",),
    "valve": ("valve_name",),
    "lock": ("lock_name",),
    "scene": ("scene_name",),
    "script": ("script_name",),
    "button": ("button_name",),
    "input_button": ("button_name",),
    "vacuum": ("vacuum_name",),
    "lawn_mower": ("mower_name",),
    "binary_sensor": ("binary_name",),
    "sensor": ("sensor_name",),
    "person": ("person",),
    "weather": ("city",),
    "todo": ("list_name",),
}
"""Which word lists name an entity of a domain."""

_ALL = re.compile(r"\b(all|every|everything|each|everywhere)\b")
_HERE = re.compile(r"\b(here|this (room|area|space)|(the|my|our) (room|space))\b")
_ONE = re.compile(r"\b(the|my) (light|lamp|fan|tv|blind|curtain|door|window|plug|socket|outlet)\b")


@cache
def words(language: str) -> dict[str, list[str]]:
    """The word lists of a language."""
    lists = _yaml(language, "words.yaml")
    return {name: [str(value) for value in values] for name, values in lists.items()}


def _yaml(language: str, name: str) -> Any:
    text = resources.files("models.nlu.data").joinpath(language, name).read_text("utf-8")
    return yaml.safe_load(text)


def scope_of(text: str) -> str:
    """Which scope the words of a sentence imply."""
    if _HERE.search(text):
        return "here"
    if _ALL.search(text):
        return "all"
    return "one" if _ONE.search(text) else NONE


class HomeAssistantTemplates:
    """Samples `home-assistant-intents`; each template block is drawn equally often per intent."""

    def __init__(self, language: str) -> None:
        raw = get_intents(language)
        if raw is None:
            raise ValueError(f"home-assistant-intents has no language {language!r}")
        self.language = language
        self.intents = Intents.from_dict(raw)
        self._own = {k: [ListValue(v) for v in vs] for k, vs in words(language).items()}
        self._lists = self._base_lists(raw["lists"])
        self.blocks = [
            (intent, block, template)
            for intent, data in self.intents.intents.items()
            for block in data.data
            for template in block.sentences
            if not self._takes_a_command(template.expression)
        ]
        by_intent: dict[str, int] = {}
        for intent, _, _ in self.blocks:
            by_intent[intent] = by_intent.get(intent, 0) + 1
        self.weights = [_block_weight(i, by_intent[i]) for i, _, _ in self.blocks]

    def _takes_a_command(self, expression: Any) -> bool:
        """Templates around another sentence ("in 5 minutes {command}"): ours are composed."""
        references = expression.list_references(self.intents.expansion_rules)
        return any(ref.slot_name == "conversation_command" for ref in references)

    def _base_lists(self, raw: Mapping[str, Any]) -> dict[str, list[ListValue]]:
        ranges = self.intents.slot_lists
        lists = {
            name: [ListValue(value["in"], value["out"]) for value in values["values"]]
            if "values" in values
            else self._numbers(ranges[name])
            for name, values in raw.items()
        }
        own = self._own
        lists |= {
            "area": own["room"],
            "floor": own["floor_name"],
            "message": own["message"],
            "search_query": own["search_query"],
            "shopping_list_item": own["item"],
            "todo_list_item": own["item"],
            "timer_name": own["timer_name"],
            "zone": [ListValue(z) for z in ("work", "school", "the gym", "the office")],
        }
        return lists

    def _numbers(self, slot_list: Any) -> list[ListValue]:
        if not isinstance(slot_list, RangeSlotList):
            return []
        engine = number_words(self.language)
        digits = [f"{number:g}" for number in slot_list.get_numbers()]
        spelled = [
            engine.format_number(number).text.replace("-", " ")
            for number in slot_list.get_numbers()
            if isinstance(number, int)
        ]
        return [ListValue(said) for said in digits * 2 + spelled]

    def sample(self, rng: random.Random) -> Example:
        """One sentence with its reading."""
        intent, block, template = rng.choices(self.blocks, self.weights)[0]
        domains = (block.requires_context or {}).get("domain")
        domains = [domains] if isinstance(domains, str) else list(domains or [])
        domain = (block.slots or {}).get("domain") or (rng.choice(domains) if domains else NONE)
        names = [
            value
            for name in NAME_LISTS.get(domain, ("light_name", "switch_name", "sensor_name"))
            for value in self._own[name]
        ]
        if intent.startswith("HassList"):
            names = self._own["list_name"]
        slot_names = dict(SLOT_NAMES)
        if intent == "HassLightSet":
            slot_names["temperature"] = "color"
        if intent.startswith("HassList"):
            slot_names["name"] = "list"
        grammar = Grammar(self.intents.expansion_rules, {**self._lists, "name": names}, slot_names)
        drawn = draw(template, grammar, rng)
        return _template_example(intent, block, domain, drawn)


def _block_weight(intent: str, templates: int) -> float:
    """Every intent counts by the square root of its templates: 100 timer forms are not 100 times
    as important as "stop"."""
    return float(templates**-0.5 * (0.4 if "Timer" in intent else 1.0))


def _template_example(intent: str, block: Any, domain: str, drawn: Sample) -> Example:
    text = "".join(piece for piece, _ in drawn.pieces)
    attributes = {"scope": scope_of(text)}
    device_class = drawn.meanings.get("device_class") or (block.slots or {}).get("device_class")
    if device_class in DEVICE_CLASSES:
        attributes["device_class"] = device_class
    implied = (
        "lock" if domain == NONE and "lock" in str(drawn.meanings.get("state", "")) else domain
    )
    implied = {"input_boolean": "switch", "input_button": "button"}.get(implied, implied)
    unknown = set()
    if implied in DOMAINS and implied != NONE:
        attributes["domain"] = implied
    elif intent in ("HassTurnOn", "HassTurnOff", "HassGetState"):
        unknown.add("domain")
    step = drawn.meanings.get("volume_step")
    if intent == "HassSetVolumeRelative":
        attributes["direction"] = _volume_direction(step, text)
    question = _QUESTION_OF_RESPONSE.get(block.response or "", NONE)
    if intent.startswith("HassGet") or intent in ("HassClimateGetTemperature", "HassTimerStatus"):
        attributes["question"] = question if question != NONE else "value"
    attributes.setdefault("domain", DOMAIN_OF_INTENT.get(intent, NONE))
    clause = Clause(
        0, intent, {k: v for k, v in attributes.items() if v != NONE}, frozenset(unknown)
    )
    spoken = tag_device_words(words_from(drawn.pieces), attributes["domain"])
    return Example(spoken, (clause,), "home-assistant-intents")


_NOUN_LISTS: Mapping[str, str] = {
    "light": "light_noun", "fan": "fan_noun", "climate": "climate_noun", "switch": "outlet_noun",
    "media_player": "media_noun", "vacuum": "vacuum_noun", "lock": "lock_noun",
    "lawn_mower": "mower_noun",
}  # fmt: skip


def tag_device_words(spoken: tuple[Word, ...], domain: str) -> tuple[Word, ...]:
    """Mark the generic word for the thing ("lights", "fan") where a source does not."""
    if domain not in _NOUN_LISTS or any(word.slot == "device" for word in spoken):
        return spoken
    nouns = sorted((n.split() for n in words("en")[_NOUN_LISTS[domain]]), key=len, reverse=True)
    out = list(spoken)
    for start in range(len(out)):
        for noun in nouns:
            run = out[start : start + len(noun)]
            plain = [w.text.lower().strip(".,!?") for w in run]
            if plain == noun and all(w.slot is None for w in run):
                for offset, word in enumerate(run):
                    out[start + offset] = Word(word.text, "device", offset == 0)
                return tuple(out)
    return spoken


DOMAIN_OF_INTENT: Mapping[str, str] = {
    "HassLightSet": "light",
    "HassClimateSetTemperature": "climate",
    "HassClimateGetTemperature": "climate",
    "HassClimateSetFanMode": "climate",
    "HassFanSetSpeed": "fan",
    "HassGetWeather": "weather",
    "HassVacuumStart": "vacuum",
    "HassVacuumReturnToBase": "vacuum",
    "HassVacuumCleanArea": "vacuum",
    "HassLawnMowerStartMowing": "lawn_mower",
    "HassLawnMowerDock": "lawn_mower",
    **dict.fromkeys(
        (
            "HassShoppingListAddItem", "HassShoppingListCompleteItem", "HassListAddItem",
            "HassListCompleteItem", "HassListRemoveItem", "HassGetListItems",
        ),
        "todo",
    ),
    **dict.fromkeys(
        (
            "HassMediaPause", "HassMediaUnpause", "HassMediaNext", "HassMediaPrevious",
            "HassSetVolume", "HassMediaPlayerMute", "HassMediaPlayerUnmute",
            "HassSetVolumeRelative", "HassMediaSearchAndPlay",
        ),
        "media_player",
    ),
    **dict.fromkeys(
        (
            "HassStartTimer", "HassCancelAllTimers", "HassCancelTimer", "HassIncreaseTimer",
            "HassDecreaseTimer", "HassPauseTimer", "HassUnpauseTimer", "HassTimerStatus",
        ),
        "timer",
    ),
}  # fmt: skip


_QUESTION_OF_RESPONSE = {
    "any": "any", "all": "all", "which": "which", "how_many": "how_many",
    "one_yesno": "yesno", "one": "value", "where": "where",
}  # fmt: skip


def _volume_direction(step: Any, text: str) -> str:
    if step in ("up", "down"):
        return str(step)
    return "down" if re.search(r"\b(down|decrease|lower|reduce)\b", text) else "up"


class OwnGrammar:
    """Samples our own sentences (`<language>/sentences.yaml`), blocks by the square root of
    their size."""

    def __init__(self, language: str) -> None:
        data = _yaml(language, "sentences.yaml")
        lists = {k: [ListValue(v) for v in vs] for k, vs in words(language).items()}
        lists |= {k: [ListValue(v) for v in vs] for k, vs in data["lists_extra"].items()}
        lists["COVER"] = lists["cover_class_plural"] + [
            ListValue(s.said.removesuffix("s")) for s in lists["cover_class_plural"]
        ]
        rules = {name: parse_template(body) for name, body in data["rules"].items()}
        self.grammar = Grammar(rules, lists, {})
        self.blocks = data["blocks"]
        self.chatter = data["chatter"]
        self.weights = [len(block["sentences"]) ** 0.6 for block in self.blocks]
        for block in self.blocks:
            if block["intent"] not in INTENTS:
                raise ValueError(f"sentences.yaml: unknown intent {block['intent']!r}")

    def sample(self, rng: random.Random) -> Example:
        """One sentence that is for us."""
        block = rng.choices(self.blocks, self.weights)[0]
        return self.sample_block(block, rng)

    def sample_block(self, block: Mapping[str, Any], rng: random.Random) -> Example:
        """One sentence of a given block."""
        drawn = draw(parse_template(rng.choice(block["sentences"])), self.grammar, rng)
        spoken = words_from(drawn.pieces)
        keys = ("domain", "device_class", "direction", "question", "scope")
        attributes = {k: block[k] for k in keys if k in block}
        text = " ".join(w.text for w in spoken)
        if block.get("cover_class"):
            said = " ".join(w.text for w in spoken if w.slot == "device")
            attributes["device_class"] = cover_class(said)
        attributes.setdefault("scope", scope_of(text))
        attributes.setdefault("domain", DOMAIN_OF_INTENT.get(block["intent"], NONE))
        attributes = {k: v for k, v in attributes.items() if v != NONE}
        clause = Clause(0, block["intent"], attributes)
        return Example(spoken, (clause,), "own")

    def sample_chatter(self, rng: random.Random) -> Example:
        """One sentence that is not for us."""
        drawn = draw(parse_template(rng.choice(self.chatter)), self.grammar, rng)
        return Example(words_from([(t, None) for t, _ in drawn.pieces]), (), "chatter")


_COVER_CLASSES = {
    "blind": "blind", "roller blind": "blind", "curtain": "curtain", "drape": "curtain",
    "shade": "shade", "shutter": "shutter", "roller shutter": "shutter", "window": "window",
    "awning": "awning", "gate": "gate", "garage door": "garage", "door": "door",
}  # fmt: skip


def cover_class(said: str) -> str:
    """Device class of a cover from the word that names it."""
    return _COVER_CLASSES.get(said.split(" and ", maxsplit=1)[0].removesuffix("s"), NONE)


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a data file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
