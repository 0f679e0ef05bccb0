"""Sentences drawn from `home-assistant-intents`, with the reading that each template has."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from hassil.intents import Intents, RangeSlotList
from home_assistant_intents import get_intents

from edge.tasks.understanding_schema import DEVICE_CLASSES, DOMAINS, NONE
from models.nlu.data.examples import Clause, Example, words_from
from models.nlu.data.readings import DOMAIN_OF_INTENT
from models.nlu.data.sampler import Grammar, ListValue, Sample, draw, number_words
from models.nlu.data.wordlists import scope_of, tag_device_words, words

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
            "area": _forms(own, "room"),
            "floor": _forms(own, "floor_name"),
            "message": own["message"],
            "search_query": own["search_query"],
            "shopping_list_item": own["item"],
            "todo_list_item": own["item"],
            "timer_name": own["timer_name"],
            "timer_command": own["message"],
            "zone": own["zone"],
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
        while True:
            drawn = self._drawn(rng)
            meant = _FOR_ANOTHER.get((self.language, drawn.clauses[0].intent))
            if meant is None or not meant.match(drawn.text):
                return drawn

    def _drawn(self, rng: random.Random) -> Example:
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
        return _example(intent, block, domain, drawn, self.language)


def _forms(lists: Mapping[str, list[ListValue]], name: str) -> list[ListValue]:
    """A list and its inflected forms (`room`, `room_in`, …)."""
    return [v for key, values in lists.items() if key.startswith(name) for v in values]


def _block_weight(intent: str, templates: int) -> float:
    """Every intent counts by the square root of its templates: 100 timer forms are not 100 times
    as important as "stop"."""
    return float(templates**-0.5 * _EMPHASIS.get(intent, 0.4 if "Timer" in intent else 1.0))


_FOR_ANOTHER: Mapping[tuple[str, str], re.Pattern[str]] = {
    ("da", "HassPauseTimer"): re.compile(r"stop"),
    ("ru", "HassPauseTimer"): re.compile(r"останови"),
}
"""What a language's templates say for two intents ("stop the timer" both pauses and cancels it):
these belong to the other one, which such templates are tested with."""

_EMPHASIS: Mapping[str, float] = {
    "HassMediaSearchAndPlay": 2.5,
    "HassIncreaseTimer": 0.8,
    "HassDecreaseTimer": 0.8,
    "HassListRemoveItem": 1.5,
    "HassListCompleteItem": 1.5,
    "HassGetWeather": 1.3,
    "HassLawnMowerDock": 1.5,
    "HassCancelTimer": 0.6,
    "HassPauseTimer": 0.6,
    "HassTimerStatus": 0.6,
}
"""Intents whose slots hold any words at all, or two lengths of time, need more to be learnt."""


def _example(intent: str, block: Any, domain: str, drawn: Sample, language: str) -> Example:
    text = "".join(piece for piece, _ in drawn.pieces)
    attributes = {"scope": scope_of(text, language)}
    unknown = set()
    device_class = drawn.meanings.get("device_class") or (block.slots or {}).get("device_class")
    if device_class in DEVICE_CLASSES:
        attributes["device_class"] = device_class
    implied = _implied_domain(domain, drawn)
    if implied in DOMAINS and implied != NONE:
        attributes["domain"] = implied
    elif intent in ("HassTurnOn", "HassTurnOff", "HassGetState"):
        unknown.add("domain")
    if intent == "HassSetVolumeRelative":
        direction = _volume_direction(drawn, text)
        if direction == NONE:
            unknown.add("direction")
        attributes["direction"] = direction
    question = _QUESTION_OF_RESPONSE.get(block.response or "", NONE)
    if intent.startswith("HassGet") or intent in ("HassClimateGetTemperature", "HassTimerStatus"):
        attributes["question"] = question if question != NONE else "value"
    attributes.setdefault("domain", DOMAIN_OF_INTENT.get(intent, NONE))
    clause = Clause(
        0, intent, {k: v for k, v in attributes.items() if v != NONE}, frozenset(unknown)
    )
    spoken = tag_device_words(words_from(drawn.pieces, language), attributes["domain"], language)
    return Example(spoken, (clause,), "home-assistant-intents", language=language)


def _implied_domain(domain: str, drawn: Sample) -> str:
    if domain == NONE and "lock" in str(drawn.meanings.get("state", "")):
        return "lock"
    return {"input_boolean": "switch", "input_button": "button"}.get(domain, domain)


def _volume_direction(drawn: Sample, text: str) -> str:
    step = drawn.meanings.get("volume_step")
    if step in ("up", "down"):
        return str(step)
    for direction in ("up", "down"):
        if any(name.startswith(f"volume_step_{direction}") for name in drawn.lists):
            return direction
    if re.search(r"\b(down|decrease|lower|reduce)\b", text):
        return "down"
    return "up" if re.search(r"\b(up|increase|raise|louder)\b", text) else NONE


_QUESTION_OF_RESPONSE = {
    "any": "any", "all": "all", "which": "which", "how_many": "how_many",
    "one_yesno": "yesno", "one": "value", "where": "where",
}  # fmt: skip
