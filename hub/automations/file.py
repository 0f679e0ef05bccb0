"""Reading the automations file, and editing it as a person would: comments and order stay.

ruamel.yaml reads YAML 1.2, where `on` and `07:30` are texts, and knows the line of everything.
"""

from __future__ import annotations

import difflib
import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from devices.home import Home
from hub.automations.schema import Automation, AutomationsFile, Part
from hub.config import ConfigurationError

SIZE_LIMIT = 1 << 20
"""Bytes of an automations file."""
_HEAD = "# The automations of this house; `hearthd automations test` tries them.\n"


class AutomationsError(ConfigurationError):
    """An automations file with mistakes: all of them, one a line, with file, line and reason."""


def read_automations(path: Path, home: Home | None = None) -> tuple[Automation, ...]:
    """The automations of a file, none if it does not exist. With a `home`, entities and areas that
    are not in it are mistakes.

    Raises `AutomationsError` with every mistake.
    """
    if not path.exists():
        return ()
    return check(_load(path), path, home)


def _load(path: Path) -> Any:
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise AutomationsError(f"{path}: larger than {SIZE_LIMIT} bytes")
        yaml = YAML()
        yaml.preserve_quotes = True
        raw = yaml.load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise AutomationsError(f"{path}: cannot be read: {error}") from error
    except (YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, AutomationsError):
            raise
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        said = getattr(error, "problem", None) or " ".join(str(error).split())
        raise AutomationsError(f"{where}: not YAML: {said}") from error
    return CommentedSeq() if raw is None else raw


def check(raw: Any, path: Path, home: Home | None = None) -> tuple[Automation, ...]:
    """Automations from what a YAML file holds. Raises `AutomationsError`."""
    if not isinstance(raw, list):
        raise AutomationsError(f"{path}:1: expected a list of automations: `- id: …`")
    try:
        found = AutomationsFile.model_validate({"automations": raw}).automations
    except ValidationError as error:
        mistakes = dict.fromkeys(_mistake(path, raw, detail) for detail in error.errors())
        raise AutomationsError("\n".join(mistakes)) from error
    unknown = list(_unknown(path, raw, home)) if home is not None else []
    if unknown:
        raise AutomationsError("\n".join(unknown))
    return tuple(found)


def _mistake(path: Path, raw: Any, detail: Any) -> str:
    location = detail["loc"][1:]
    where, line = _place(raw, location)
    key = ".".join(str(part) for part in where)
    message = detail["msg"].removeprefix("Value error, ")
    hint = ""
    if detail["type"] == "extra_forbidden":
        message = "there is no such key"
        hint = _nearest(str(location[-1]), _keys_beside(raw, where))
    elif detail["type"] in ("literal_error", "union_tag_invalid"):
        context = detail["ctx"]
        expected = str(context.get("expected") or context.get("expected_tags"))
        given = detail["input"]
        if isinstance(given, Mapping):
            given = given.get(str(context["discriminator"]).strip("'"))
            key += f".{str(context['discriminator']).strip(chr(39))}"
        message = f"must be one of {expected}, got {given!r}"
        names = [name.strip(" '") for name in expected.replace(" or ", ",").split(",")]
        hint = _nearest(str(given), names)
    elif isinstance(detail["input"], str | int | float) and "got" not in message:
        message += f", got {detail['input']!r}"
    said = f"{message[:1].lower()}{message[1:]}" if message[:1] != "`" else message
    return f"{path}:{line} {key}: {said}{hint}" if key else f"{path}:{line}: {said}{hint}"


def _place(raw: Any, location: tuple[Any, ...]) -> tuple[list[Any], int]:
    """The keys that exist in the file, and the line of the last; tags of unions are left out."""
    here, line, found = raw, 1, []
    for part in location:
        if isinstance(here, CommentedMap) and part in here:
            line = here.lc.key(part)[0] + 1
        elif isinstance(here, CommentedSeq) and isinstance(part, int) and part < len(here):
            line = here.lc.item(part)[0] + 1
        elif isinstance(part, int) or part in _TAGS:
            continue
        else:
            found.append(part)
            break
        found.append(part)
        here = here[part]
    return found, line


def _parts(kind: type[BaseModel] = Part) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from _parts(one)


_TAGS = frozenset(
    tag
    for part in _parts()
    for name in ("trigger", "condition")
    if (field := part.model_fields.get(name)) is not None
    for tag in get_args(field.annotation)
)


def _keys_beside(raw: Any, where: list[Any]) -> list[str]:
    """The keys that the part has in which an unknown one stands."""
    parent = raw
    for part in where[:-1]:
        parent = parent[part]
    given = set(parent) - {where[-1]} if isinstance(parent, Mapping) else set()

    def fields(part: type[BaseModel]) -> set[str]:
        return {field.alias or name for name, field in part.model_fields.items()}

    fitting = [part for part in _parts() if given and given <= fields(part)]
    return sorted({name for part in fitting or list(_parts()) for name in fields(part)})


def _nearest(given: str, known: list[str]) -> str:
    near = difflib.get_close_matches(given, known, n=1)
    return f". Did you mean {near[0]}?" if near else ""


def _unknown(path: Path, raw: Any, home: Home) -> Iterator[str]:
    """Mistakes about what is not in the house, wherever an entity or an area stands."""
    kinds = {"entity_id": home.entities, "area_id": home.areas}
    for where, value in _leaves(raw, ()):
        key = next((part for part in reversed(where) if isinstance(part, str)), "")
        if key in kinds and value not in kinds[key]:
            line = _place(raw, where)[1]
            hint = _nearest(str(value), list(kinds[key]))
            yield f"{path}:{line} {'.'.join(map(str, where))}: there is no {value}{hint}"


def _leaves(value: Any, where: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(part, (*where, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _leaves(part, (*where, number))
    else:
        yield where, value


def shown(path: Path, automation_id: str) -> str:
    """One automation as text, comments and all. Raises `AutomationsError`."""
    raw = _load(path) if path.exists() else CommentedSeq()
    check(raw, path)
    lines = _dumped(CommentedSeq([_entry(raw, path, automation_id)])).rstrip().splitlines()
    while lines[-1].startswith("#"):  # it stands above the next one
        lines.pop()
    return "\n".join(lines).rstrip()


def set_enabled(path: Path, automation_id: str, enabled: bool) -> None:
    """Change one automation's `enabled`. Raises `AutomationsError`."""
    raw = _load(path) if path.exists() else CommentedSeq()
    check(raw, path)
    _entry(raw, path, automation_id)["enabled"] = enabled
    _write(path, raw)


def _entry(raw: Any, path: Path, automation_id: str) -> Any:
    found = next((entry for entry in raw if entry["id"] == automation_id), None)
    if found is None:
        hint = _nearest(automation_id, [str(entry["id"]) for entry in raw])
        raise AutomationsError(
            f"{path}: there is no automation {automation_id!r}{hint};"
            " try `hearthd automations list`"
        )
    return found


def add(path: Path, automation: Mapping[str, Any], comment: str = "") -> Automation:
    """Append an automation, with a comment above it; its id is made free first.

    Raises `AutomationsError`, with the file unchanged.
    """
    existing = _load(path) if path.exists() else CommentedSeq()
    taken = {one.id for one in check(existing, path)}
    wanted = str(automation["id"])
    numbered = (f"{wanted}_{number}" for number in range(2, 10_000))
    free = wanted if wanted not in taken else next(n for n in numbered if n not in taken)
    entry = CommentedMap({**automation, "id": free})
    checked = check([entry], path)[0]
    fresh = CommentedSeq([entry])
    if comment:
        fresh.yaml_set_comment_before_after_key(0, before=" ".join(comment.split()))
    text = path.read_text("utf-8").rstrip("\n") + "\n\n" if existing else _HEAD + "\n"
    _replace(path, text + _dumped(fresh))
    return checked


def _write(path: Path, raw: Any) -> None:
    _replace(path, _dumped(raw))


def _dumped(raw: Any) -> str:
    out = io.StringIO()
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100
    offset = _indent(raw)
    yaml.indent(mapping=2, sequence=2 + offset, offset=offset)
    yaml.dump(raw, out)
    lines = out.getvalue().splitlines()
    # The outermost list is indented like the inner ones; by hand nobody writes it so.
    return "".join(f"{_outdented(line, offset)}\n" for line in lines)


def _outdented(line: str, columns: int) -> str:
    """A comment stays where its writer put it."""
    return line if line.lstrip().startswith("#") else line.removeprefix(" " * columns)


def _indent(raw: Any) -> int:
    """How far the file's inner lists stand to the right of their key: 0 or 2."""
    for entry in raw:
        for key in ("triggers", "actions"):
            inner = entry.get(key)
            if isinstance(inner, CommentedSeq) and not inner.fa.flow_style():
                return 2 if inner.lc.col > entry.lc.col else 0
    return 2


def _replace(path: Path, text: str) -> None:
    """The file is the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
