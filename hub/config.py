"""The configuration: one TOML file, environment overrides, every mistake at once.

`configs/hearthd.toml` documents every key. `HEARTHD_BROKER__HOST=…` overrides `broker.host`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_config_path, user_data_path, user_state_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from edge.signature import key_bytes
from hub.config_mistakes import mistake
from hub.config_policy import Login, Person, PolicySection, Vendor
from hub.local_network import is_local

Name = Annotated[str, Field(min_length=1, max_length=200)]
LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", examples=["en", "pt-BR"])]
TopicPrefix = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", examples=["hearthd", "home/hub"])
]


class ConfigurationError(ValueError):
    """A configuration with mistakes: all of them, one a line, with file, line, key and reason."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


class Tls(_Section):
    """Encryption of the broker connection."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    verify: bool = True


class Broker(_Section):
    """Where the MQTT broker is and how to log in."""

    host: Name = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    transport: Literal["tcp", "websockets"] = "tcp"
    path: str = "/mqtt"
    tls: Tls | None = None
    username: str | None = None
    password: str | None = None
    password_file: Path | None = None
    client_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["hearthd"])] = (
        "hearthd"
    )
    keepalive: Annotated[int, Field(ge=5, le=3600)] = 30
    topic_prefix: TopicPrefix = "hearthd"


class Floor(_Section):
    """A storey."""

    name: Name
    id: str | None = None
    aliases: list[str] = []
    level: int | None = None


class Area(_Section):
    """A room."""

    name: Name
    id: str | None = None
    aliases: list[str] = []
    floor: str | None = None


class EntityOverride(_Section):
    """What the owner says of an entity."""

    name: str | None = None
    aliases: list[str] | None = None
    area: str | None = None
    hidden: bool = False
    dangerous: bool = False


class House(_Section):
    """The house itself. `languages` are those that people speak in it (without: `language` and
    English): each sentence is taken to be in one of them."""

    name: Name = "Home"
    language: LanguageTag = "en"
    languages: list[LanguageTag] | None = None
    time_zone: str | None = None
    latitude: Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False)] = None
    longitude: Annotated[float | None, Field(ge=-180, le=180, allow_inf_nan=False)] = None
    floors: list[Floor] = []
    areas: list[Area] = []
    sentences: Path | None = None
    entities: dict[str, EntityOverride] = {}

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError) as error:
                raise ValueError("is not a time zone such as Europe/Berlin") from error
        return value


class Storage(_Section):
    """Where the hub keeps what it must not forget."""

    directory: Path = user_state_path("hearthd")
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    history_days: Annotated[int, Field(ge=1, le=3650)] = 400

    @field_validator("directory")
    @classmethod
    def _local(cls, value: Path) -> Path:
        if str(value).startswith(("//", "\\\\")):
            raise ValueError("is on a network share, where SQLite cannot keep its promises")
        return value.expanduser()


class Model(_Section):
    """The understanding model."""

    artefact: Path | None = None
    threads: Annotated[int, Field(ge=1, le=16)] = 1
    for_us_threshold: Annotated[float, Field(ge=0, le=1)] | None = None


class Models(_Section):
    """Artefacts that are installed. What one of the `trusted_keys` signed runs in the hub's own
    process, everything else in one of its own, with limits."""

    trusted_keys: list[str] = []

    @field_validator("trusted_keys")
    @classmethod
    def _are_keys(cls, value: list[str]) -> list[str]:
        for key in value:
            try:
                key_bytes(key)
            except ValueError as error:
                raise ValueError(f"{key!r} {error}") from error
        return value


class Automations(_Section):
    """What the house does by itself."""

    file: Path | None = None


ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["07:00"])]


class Writing(_Section):
    """Texts: notes, mails, summaries, and reports at a time of day. `model` is the name of an
    installed artefact that generates text; templates write without one. With `server`, it is a
    model of that server, which speaks OpenAI's chat completions in the local network."""

    model: Name | None = None
    server: Annotated[str, Field(examples=["http://192.168.1.20:11434/v1"])] | None = None
    seconds: Annotated[float, Field(ge=1, le=600)] = 60
    megabytes: Annotated[int, Field(ge=200, le=64_000)] = 1500
    morning: ClockTime | None = None
    evening: ClockTime | None = None

    @field_validator("server")
    @classmethod
    def _a_server_of_the_local_network(cls, server: str | None) -> str | None:
        if server is None:
            return None
        parts = urlsplit(server)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be like http://192.168.1.20:11434/v1")
        try:
            local = is_local(parts.hostname)
        except ValueError:
            return server  # a name; what it resolves to is looked at when it is used
        if not local:
            raise ValueError(f"{parts.hostname} is not in the local network")
        return server

    @model_validator(mode="after")
    def _a_model_of_the_server(self) -> Writing:
        if self.server is not None and self.model is None:
            raise ValueError("writing.server needs writing.model, the model's name there")
        return self


class Translation(_Section):
    """Who speaks which language, e.g. `people.plumber = "es"`, and what things are called in it:
    `glossary."boiler room" = {es = "sala de calderas"}`."""

    people: dict[Name, LanguageTag] = {}
    glossary: dict[Name, dict[LanguageTag, Name]] = {}


class Discovery(_Section):
    """MQTT discovery of devices."""

    prefix: TopicPrefix = "homeassistant"


class Metrics(_Section):
    """Prometheus metrics over HTTP; off without a port."""

    port: Annotated[int, Field(ge=0, le=65535)] = 0
    address: Name = "127.0.0.1"


class Settings(_Section):
    """The whole configuration."""

    broker: Broker = Broker()
    house: House = House()
    sites: dict[Login, str] = {}
    people: dict[Name, Person] = {}
    vendors: dict[Login, Vendor] = {}
    policy: PolicySection = PolicySection()
    storage: Storage = Storage()
    model: Model = Model()
    models: Models = Models()
    automations: Automations = Automations()
    writing: Writing = Writing()
    translation: Translation = Translation()
    discovery: Discovery = Discovery()
    metrics: Metrics = Metrics()

    @model_validator(mode="after")
    def _pins_where_pins_are_needed(self) -> Settings:
        has_pin = self.policy.pin or any(person.pin for person in self.people.values())
        if not has_pin and any(rule.need == "pin" for rule in self.policy.rules):
            raise ValueError("a rule of the policy needs a PIN, and none is set; see `hearthd pin`")
        unknown = {p for rule in self.policy.rules for p in rule.people} - self.people.keys()
        if unknown:
            raise ValueError(f"policy.rules: there is no person {sorted(unknown)[0]!r} in [people]")
        return self

    @model_validator(mode="after")
    def _model_inside_storage(self) -> Settings:
        artefact = self.model.artefact
        if artefact is not None:
            inside = artefact.expanduser().resolve()
            if not inside.is_relative_to(self.storage.directory.resolve()):
                raise ValueError("model.artefact must lie in storage.directory")
        return self


def default_path() -> Path:
    """Where the configuration is looked for when none is named."""
    named = os.environ.get("HEARTHD_CONFIG")
    return Path(named) if named else user_config_path("hearthd") / "hearthd.toml"


def models_folder() -> Path:
    """Where a user's artefacts are: `HEARTHD_MODELS`, or the system's place for data."""
    named = os.environ.get("HEARTHD_MODELS")
    return Path(named) if named else user_data_path("hearthd") / "models"


def load_settings(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the configuration; defaults where there is no file and none was named.

    Raises `ConfigurationError` with every mistake.
    """
    named = path is not None
    path = path or default_path()
    text = ""
    if path.exists() or named:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    _override(raw, os.environ if environ is None else environ)
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        lines = [mistake(Settings, path, text, detail) for detail in error.errors()]
        raise ConfigurationError("\n".join(lines)) from error


def _override(raw: dict[str, Any], environ: Mapping[str, str]) -> None:
    for key, value in environ.items():
        if key.startswith("HEARTHD_") and "__" in key:
            section, _, name = key.removeprefix("HEARTHD_").lower().partition("__")
            if section in Settings.model_fields:
                raw.setdefault(section, {})[name] = value
