"""One discovered entity: its place in the Home, what it listens to, and how to command it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devices.conventions.home_assistant import reads, writes
from devices.conventions.home_assistant.config import EntityConfig
from devices.conventions.home_assistant.reads import READS, BadState, Read
from devices.conventions.home_assistant.templates import TemplateRefused, render_value
from devices.home import Entity, EntityState
from devices.payload import STATE, PayloadError, decode_json, decode_text
from devices.services import Publish, ServiceCall

_ATTRIBUTES_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Availability:
    """One availability topic of an entity."""

    topic: str
    template: str | None
    online: str
    offline: str


class Payload:
    """A message's payload, decoded at most once for all the entities that share its topic."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._text: str | None = None
        self._parsed: Any = None
        self._tried = False

    @property
    def text(self) -> str:
        """As text. Raises `PayloadError`."""
        if self._text is None:
            self._text = decode_text(self.raw, STATE)
        return self._text

    def parsed(self) -> Any:
        """As JSON. Raises `PayloadError`."""
        if not self._tried:
            self._parsed = decode_json(self.raw, STATE)
            self._tried = True
        return self._parsed


class Binding:
    """Reads an entity's topics and writes its commands."""

    def __init__(self, source: EntityConfig, entity: Entity) -> None:
        self.source = source
        self.entity = entity
        config = source.config
        self.component = source.component
        self.reads = _reads(source)
        self.attributes_topic: str | None = config.get("json_attributes_topic")
        self.availability = _availability(config)
        self.availability_mode = config.get("availability_mode", "latest")

    @property
    def topics(self) -> frozenset[str]:
        """All topics to subscribe to."""
        found = {read.topic for read in self.reads} | {a.topic for a in self.availability}
        return frozenset(found | ({self.attributes_topic} if self.attributes_topic else set()))

    def state_changes(self, topic: str, payload: Payload) -> dict[str, Any]:
        """What a message on a state topic says: "state" and attributes.

        Raises `BadState`, `PayloadError` or `TemplateRefused`: then nothing is to be changed.
        """
        changes: dict[str, Any] = {}
        for read in self.reads:
            if read.topic == topic:
                changes |= self._read(read, payload)
        if topic == self.attributes_topic:
            changes = {**self._json_attributes(payload), **changes}
        position = changes.get("current_position")
        if self.component == "cover" and position is not None and "state" not in changes:
            has_state = "state_topic" in self.source.config
            if not has_state:
                changes["state"] = "closed" if position == 0 else "open"
        return changes

    def _read(self, read: Read, payload: Payload) -> dict[str, Any]:
        config = self.source.config
        schema = config.get("schema")
        if self.component == "light" and schema == "json":
            return reads.read_json_light(payload.parsed(), config)
        if self.component == "vacuum":
            return reads.read_vacuum(payload.parsed(), config)
        said = render_value(read.template, payload.text, payload.parsed, self._extra())
        if said == "" and read.template:
            return {}
        if self.component == "valve":
            return reads.read_valve(said, config)
        if self.component == "update" and said.startswith("{"):
            return {k: v for k, v in payload.parsed().items() if k.endswith("_version")}
        value = read.convert(said, config)
        if read.sets == "current_position" and value is not None:
            return {"current_position": value}
        return {read.sets: value}

    def _json_attributes(self, payload: Payload) -> dict[str, Any]:
        template = self.source.config.get("json_attributes_template")
        if template:
            said = render_value(template, payload.text, payload.parsed, self._extra())
            raw = decode_json(said.encode(), STATE)
        else:
            raw = payload.parsed()
        if not isinstance(raw, dict):
            raise BadState("attributes must be an object")
        kept = {k: v for k, v in raw.items() if k not in _PROTECTED}
        return dict(list(kept.items())[:_ATTRIBUTES_LIMIT])

    def _extra(self) -> Mapping[str, Any]:
        return {"entity_id": self.entity.id, "name": self.entity.name}

    def availability_said(self, topic: str, payload: Payload) -> bool | None:
        """What a message on an availability topic says, or None if it says neither."""
        for entry in self.availability:
            if entry.topic != topic:
                continue
            said = render_value(entry.template, payload.text, payload.parsed, self._extra())
            if said == entry.online:
                return True
            if said == entry.offline:
                return False
        return None

    def publishes(self, state: EntityState, call: ServiceCall) -> tuple[Publish, ...]:
        """The messages that carry a call. Raises `InvalidServiceCall`."""
        config = self.source.config
        found = writes.messages(config, self.component, self.entity, state, call)
        qos = config.get("qos", 0)
        retain = bool(config.get("retain", False))
        level = qos if qos in (0, 1, 2) else 0
        return tuple(
            Publish(topic, payload.encode(), max(1, level), retain) for topic, payload in found
        )


_PROTECTED = frozenset({"state", "entity_id", "friendly_name", "device_class", "events", "items"})
"""Attributes that a device may not set through its JSON attributes."""


def _reads(source: EntityConfig) -> tuple[Read, ...]:
    rows = READS.get(source.component, ())
    config = source.config
    if source.component == "light" and config.get("schema") == "template":
        topic = config.get("state_topic")
        pairs = (
            ("state_template", "state", reads.states("on", "off")),
            ("brightness_template", "brightness", reads.scaled("brightness_scale", 255, 255)),
            ("color_temp_template", "color_temp_kelvin", reads.kelvin),
            ("effect_template", "effect", reads.text),
        )
        return tuple(
            Read(str(topic), str(config[key]), sets, convert)
            for key, sets, convert in pairs
            if topic and config.get(key)
        )
    found = []
    for topic_key, template_key, sets, convert in rows:
        topic = config.get(topic_key)
        if topic:
            template = config.get(template_key) if template_key else None
            template = template or (config.get("value_template") if sets == "state" else None)
            found.append(Read(str(topic), template, sets, convert))
    return tuple(found)


def _availability(config: Mapping[str, Any]) -> tuple[Availability, ...]:
    entries = config.get("availability") or []
    found = [
        Availability(
            str(entry["topic"]),
            entry.get("value_template"),
            str(entry.get("payload_available", "online")),
            str(entry.get("payload_not_available", "offline")),
        )
        for entry in entries
        if "topic" in entry
    ]
    if config.get("availability_topic"):
        found.append(
            Availability(
                str(config["availability_topic"]),
                config.get("availability_template"),
                str(config.get("payload_available", "online")),
                str(config.get("payload_not_available", "offline")),
            )
        )
    return tuple(found)


Errors: tuple[type[Exception], ...] = (BadState, PayloadError, TemplateRefused, ValueError)
"""What a hostile payload may raise; all mean "keep the last good value"."""
