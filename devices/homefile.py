"""A home written down: YAML, TOML or JSON, or the same as a mapping.

The form is the one of the architecture page: floors, areas, devices, entities, people, zones, all
optional. Missing ids are made from domain and name; a floor or area that is only referred to exists
by that name; references may use id or name.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from slugify import slugify

from devices.home import Area, Device, Entity, EntityState, Floor, Home

SIZE_LIMIT = 4 << 20
"""Bytes of a home file."""


class HomeFileError(ValueError):
    """A home file with mistakes: all of them, one a line, each saying where and why."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class _Floor(_Written):
    id: str | None = None
    name: str = Field(min_length=1, max_length=200)
    aliases: list[str] = []
    level: int | None = None


class _Area(_Written):
    id: str | None = None
    name: str = Field(min_length=1, max_length=200)
    aliases: list[str] = []
    floor: str | None = None


class _Device(_Written):
    id: str | None = None
    name: str = Field(min_length=1, max_length=200)
    area: str | None = None
    manufacturer: str | None = None
    model: str | None = None


class _Entity(_Written):
    id: str | None = Field(None, pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")
    name: str | None = Field(None, max_length=200)
    domain: str | None = Field(None, pattern=r"^[a-z_]+$")
    aliases: list[str] = []
    area: str | None = None
    device: str | None = None
    device_class: str | None = None
    state: str | int | float | bool | None = None
    attributes: dict[str, Any] = {}

    @field_validator("state", mode="before")
    @classmethod
    def _stored_form(cls, value: Any) -> Any:
        """`{in: said, out: stored}`, as home-assistant-intents writes translated states."""
        return value.get("out") if isinstance(value, dict) else value


class _Named(_Written):
    name: str


class _HomeFile(_Written):
    floors: list[_Floor] = []
    areas: list[_Area] = []
    devices: list[_Device] = []
    entities: list[_Entity] = []
    people: list[str | _Named] = []
    zones: list[str | _Named] = []


def load_home(source: Path | str | Mapping[str, Any]) -> Home:
    """A home from a file (by its suffix) or a mapping. Raises `HomeFileError`."""
    name = "home"
    if isinstance(source, str | Path):
        name = str(source)
        source = _read(Path(source))
    return build_home(source, name)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise HomeFileError(f"{path}: larger than {SIZE_LIMIT} bytes")
        text = path.read_text("utf-8")
        if path.suffix == ".toml":
            raw: Any = tomllib.loads(text)
        elif path.suffix == ".json":
            raw = json.loads(text)
        else:
            raw = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise HomeFileError(f"{path}: cannot be read: {error}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, HomeFileError):
            raise
        raise HomeFileError(f"{path}: not valid: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise HomeFileError(f"{path}: expected floors, areas, devices, entities")
    return raw


def build_home(raw: Mapping[str, Any], name: str = "home") -> Home:
    """A home from an already parsed mapping. Raises `HomeFileError` with all mistakes."""
    known = set(_HomeFile.model_fields)
    mistakes = [_unknown_key(name, key, known) for key in raw if _suspicious(key, known)]
    try:
        written = _HomeFile.model_validate(raw)
    except ValidationError as error:
        mistakes += [
            f"{name}: {'.'.join(map(str, e['loc']))}: {e['msg'].lower()}" for e in error.errors()
        ]
        raise HomeFileError("\n".join(mistakes)) from error
    if mistakes:
        raise HomeFileError("\n".join(mistakes))
    return _assemble(written, name)


def _suspicious(key: str, known: set[str]) -> bool:
    return key not in known and bool(difflib.get_close_matches(str(key), known, cutoff=0.8))


def _unknown_key(name: str, key: str, known: set[str]) -> str:
    return f"{name}: {key}: unknown. Did you mean {difflib.get_close_matches(key, known)[0]}?"


def object_id(text: str) -> str:
    """The part of an entity id after the dot, as Home Assistant makes it from a name."""
    return slugify(text, separator="_") or "unnamed"


def _assemble(written: _HomeFile, name: str) -> Home:
    floors = _Index("floor")
    for floor in written.floors:
        key = floor.id or object_id(floor.name)
        floors.add(key, floor.name, Floor(key, floor.name, tuple(floor.aliases), floor.level))
    areas = _Index("area")
    for area in written.areas:
        key = area.id or object_id(area.name)
        on = floors.refer(area.floor, Floor)
        areas.add(key, area.name, Area(key, area.name, tuple(area.aliases), on))
    devices = _Index("device")
    for device in written.devices:
        key = device.id or object_id(device.name)
        where = areas.refer(device.area, Area)
        value = Device(key, device.name, where, device.manufacturer, device.model)
        devices.add(key, device.name, value)
    entities: dict[str, Entity] = {}
    states: dict[str, EntityState] = {}
    mistakes: list[str] = []
    for number, entity in enumerate(written.entities):
        try:
            made = _entity(entity, areas, devices, entities)
        except ValueError as error:
            mistakes.append(f"{name}: entities.{number}: {error}")
            continue
        entities[made.id] = made
        states[made.id] = _state(entity)
    if mistakes:
        raise HomeFileError("\n".join(mistakes))
    return Home(
        MappingProxyType(floors.values),
        MappingProxyType(areas.values),
        MappingProxyType(devices.values),
        MappingProxyType(entities),
        states,
        tuple(p if isinstance(p, str) else p.name for p in written.people),
        tuple(z if isinstance(z, str) else z.name for z in written.zones),
    )


class _Index:
    """Values by id, to be referred to by id or name."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.values: dict[str, Any] = {}
        self._by_name: dict[str, str] = {}

    def add(self, key: str, name: str, value: Any) -> None:
        self.values[key] = value
        self._by_name[name.casefold()] = key

    def find(self, reference: str | None) -> str | None:
        if reference is None or reference in self.values:
            return reference
        return self._by_name.get(reference.casefold())

    def refer(self, reference: str | None, make: Any) -> str | None:
        """The id meant by `reference`; a new value by that name where there is none."""
        found = self.find(reference)
        if found is None and reference:
            found = object_id(reference)
            self.add(found, reference, make(found, reference))
        return found


def _entity(
    written: _Entity, areas: _Index, devices: _Index, taken: Mapping[str, Entity]
) -> Entity:
    domain = written.domain or (written.id or "").partition(".")[0]
    if not domain:
        raise ValueError("needs an id or a domain")
    name = written.name or (written.id or domain).partition(".")[2].replace("_", " ")
    device = devices.find(written.device)
    if written.device and device is None:
        device = object_id(written.device)
        devices.add(device, written.device, Device(device, written.device))
    area = areas.refer(written.area, Area)
    if area is None and device:
        area = devices.values[device].area
    key = written.id or _free_id(f"{domain}.{object_id(name)}", taken)
    if key in taken:
        raise ValueError(f"{key} stands there twice")
    attributes = written.attributes
    return Entity(
        key,
        name,
        domain,
        tuple(written.aliases),
        area,
        device,
        written.device_class or attributes.get("device_class"),
        features_of(domain, attributes),
        {k: attributes[k] for k in _OPTIONS if k in attributes},
    )


def _free_id(wanted: str, taken: Iterable[str]) -> str:
    number, key = 2, wanted
    while key in taken:
        key, number = f"{wanted}_{number}", number + 1
    return key


_OPTIONS = frozenset(
    [
        "min",
        "max",
        "step",
        "options",
        "hvac_modes",
        "preset_modes",
        "fan_modes",
        "min_temp",
        "max_temp",
        "target_temp_step",
        "unit_of_measurement",
        "effect_list",
        "source_list",
        "available_modes",
        "min_humidity",
        "max_humidity",
        "fan_speed_list",
        "code_arm_required",
        "speed_count",
    ]
)


def features_of(domain: str, attributes: Mapping[str, Any]) -> frozenset[str] | None:
    """What a light can do, from its `supported_color_modes`; None where nobody said."""
    modes = attributes.get("supported_color_modes")
    if domain != "light" or not isinstance(modes, list):
        return None
    found = {"brightness"} if set(modes) - {"onoff"} else set()
    if set(modes) & {"hs", "rgb", "xy", "rgbw", "rgbww"}:
        found.add("color")
    if "color_temp" in modes or "rgbww" in modes:
        found.add("color_temp")
    return frozenset(found)


def _state(written: _Entity) -> EntityState:
    state = written.state
    if isinstance(state, bool):
        state = "on" if state else "off"
    text = None if state is None else str(state)
    return EntityState(text, dict(written.attributes), available=text != "unavailable")
