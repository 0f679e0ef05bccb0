"""What entities have taken, and why somebody else may not have it: unique ids, names, and topics
that command what lets people in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devices.conventions.home_assistant.binding import Binding
from devices.conventions.home_assistant.config import EntityConfig
from devices.look_alikes import plain, skeleton

PROTECTED = frozenset({"lock", "alarm_control_panel", "cover", "valve"})
"""What lets people in: nothing else may listen to, or command on, its topics."""

_ById = dict[str, Binding]


@dataclass(slots=True)
class Claims:
    """Of all entities that were discovered. `prefix` is that of discovery topics."""

    prefix: str
    _topics: dict[str, str] = field(default_factory=dict)
    _by_skeleton: dict[str, _ById] = field(default_factory=dict)
    _protected: dict[str, _ById] = field(default_factory=dict)

    def take(self, topic: str, binding: Binding) -> None:
        """An entity was announced on `topic`."""
        entity = binding.entity
        self._topics[binding.source.unique_id] = topic
        if shape := skeleton(entity.name):
            self._by_skeleton.setdefault(shape, {})[entity.id] = binding
        if binding.component in PROTECTED:
            self._protected.setdefault(_command_topic(binding), {})[entity.id] = binding

    def give_up(self, binding: Binding) -> None:
        """The entity is gone."""
        entity = binding.entity
        self._topics.pop(binding.source.unique_id, None)
        _take_out(self._by_skeleton, skeleton(entity.name), entity.id)
        _take_out(self._protected, _command_topic(binding), entity.id)

    def objection(self, topic: str, config: EntityConfig) -> str | None:
        """Why an entity may not have its unique id or its topics."""
        owner = self._topics.get(config.unique_id)
        if owner is not None and owner != topic:
            return f"the unique id belongs to {owner}"
        for key, value in config.config.items():
            if key.endswith("command_topic") and self._commands_of_others(value, config):
                return f"{key}: {value} commands another entity"
            if key.endswith("_topic") and f"/{self.prefix}/" in f"/{value}":
                return f"{key}: {value} is a discovery topic"
        return None

    def look_alike(self, config: EntityConfig) -> str | None:
        """Why an entity may not have its name."""
        name = str(config.config.get("name") or config.device.get("name") or "")
        for binding in self._by_skeleton.get(skeleton(name), {}).values():
            other = binding.entity.name
            same = plain(name) == plain(other) and not config.disguised
            if not same and binding.source.unique_id != config.unique_id:
                return f"its name looks like {other!r}"
        return None

    def _commands_of_others(self, topic: Any, config: EntityConfig) -> bool:
        """Whether a protected entity of another kind (a lock, an alarm) listens there already."""
        listening = self._protected.get(str(topic), {}).values()
        return any(binding.component != config.component for binding in listening)


def several_vendors(config: EntityConfig, vendors: Mapping[str, tuple[str, ...]]) -> str | None:
    """Why topics that belong to several vendors are not one vendor's device."""
    owners = {
        vendor
        for key, value in config.config.items()
        if key.endswith("_topic") and isinstance(value, str)
        for vendor, filters in vendors.items()
        if any(topic_matches(value, one) for one in filters)
    }
    if len(owners) < 2:
        return None
    return f"its topics belong to {' and '.join(sorted(owners))}"


def topic_matches(topic: str, pattern: str) -> bool:
    """Whether a topic fits an MQTT topic filter."""
    levels = topic.split("/")
    for number, wanted in enumerate(pattern.split("/")):
        if wanted == "#":
            return True
        if number >= len(levels) or wanted not in ("+", levels[number]):
            return False
    return len(levels) == pattern.count("/") + 1


def _command_topic(binding: Binding) -> str:
    return str(binding.source.config.get("command_topic"))


def _take_out(index: dict[str, _ById], key: str, entity_id: str) -> None:
    found = index.get(key)
    if found is not None:
        found.pop(entity_id, None)
        if not found:
            del index[key]
