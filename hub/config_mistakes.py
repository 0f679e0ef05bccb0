"""Mistakes in the configuration, told with file, line, key, reason and suggestion."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel


def mistake(settings: type[BaseModel], path: Path, text: str, detail: Any) -> str:
    """One of pydantic's errors as `file:line key: reason`, with a suggestion where there is one."""
    location = [str(part) for part in detail["loc"]]
    key = ".".join(location)
    line = _line_of(text, location)
    where = f"{path}:{line}" if line else str(path)
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(location[-1], _keys_at(settings, location[:-1]), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"{where} {key}: there is no such key.{hint}"
    given = detail.get("input")
    secret = bool({"pin", "password"} & set(location[-1:]))
    plain = isinstance(given, str | int | float | bool) and not secret
    shown = f", got {given!r}" if plain else ""
    return f"{where} {key}: {_reason(settings, detail, location)}{shown}"


_REASONS: Mapping[str, str] = {
    "missing": "is missing", "int_parsing": "expected a whole number",
    "int_type": "expected a whole number", "int_from_float": "expected a whole number",
    "float_parsing": "expected a number", "float_type": "expected a number",
    "bool_parsing": "expected true or false", "bool_type": "expected true or false",
    "string_type": "expected a text", "list_type": "expected a list",
    "dict_type": "expected a table", "model_type": "expected a table",
    "model_attributes_type": "expected a table", "path_type": "expected a path",
}  # fmt: skip


def _reason(settings: type[BaseModel], detail: Any, location: list[str]) -> str:
    """What was expected, in words."""
    if detail["type"] == "string_pattern_mismatch":
        return _form(_field_at(settings, location))
    message = str(detail["msg"]).removeprefix("Value error, ")
    message = message.replace("Input should be", "expected a value")
    return _REASONS.get(detail["type"], f"{message[0].lower()}{message[1:]}")


def _form(field: Any) -> str:
    examples = getattr(field, "examples", None)
    if examples:
        return f"expected something like {' or '.join(map(str, examples))}"
    return "does not have the right form"


def _line_of(text: str, location: list[str]) -> int | None:
    """The line of a key, or of the nearest table around it."""
    section: list[str] = []
    counts: dict[str, int] = {}
    found, depth = None, 0
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*(\[\[?)([^\]]+)\]", line)
        if header:
            section = [a or b for a, b in re.findall(r'"([^"]*)"|([\w-]+)', header.group(2))]
            if header.group(1) == "[[":
                name = ".".join(section)
                counts[name] = counts.get(name, -1) + 1
                section.append(str(counts[name]))
            if section == location[: len(section)] and len(section) >= depth:
                found, depth = number, len(section)
        match = re.match(r"\s*\"?([\w.-]+)\"?\s*=", line)
        if match and [*section, match.group(1)] == location[: len(section) + 1]:
            return number
    return found


def _keys_at(settings: type[BaseModel], location: list[str]) -> list[str]:
    """The keys that a table may have."""
    return list(getattr(_model_at(settings, location), "model_fields", {}))


def _field_at(settings: type[BaseModel], location: list[str]) -> Any:
    """The description of a key; None where there is no such key."""
    model = _model_at(settings, location[:-1])
    return getattr(model, "model_fields", {}).get(location[-1]) if location else None


def _model_at(settings: type[BaseModel], location: list[str]) -> Any:
    """The section at a place, through lists and tables of sections."""
    model: Any = settings
    inside: list[Any] = []
    for part in location:
        field = getattr(model, "model_fields", {}).get(part)
        if field is None and not inside:
            return None
        if field is not None:
            inside = _models_in(field.annotation)
        model = inside[0] if inside else None
    return model


def _models_in(annotation: Any) -> list[Any]:
    """The sections that a type is made of, such as `Area` in `list[Area]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]
