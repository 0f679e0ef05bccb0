"""Value and command templates, as devices send them: Jinja in a sandbox, with bounds.

A device's template is hostile input. It runs in an immutable sandbox without attribute access to
internals; constructs whose cost cannot be bounded beforehand (powers, multiplied strings, macros,
imports, deep loops, `attr`, `format`) are refused when the template is compiled; ranges and
outputs are bounded. The common shape `{{ value_json.a.b }}` does not need Jinja at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from devices.payload import PayloadError, decode_json

SOURCE_LIMIT = 4096
OUTPUT_LIMIT = 4096
RANGE_LIMIT = 200
LOOPED_INPUT_LIMIT = 2048
"""Bytes of a payload that a template with loops may walk over."""

_PATH = re.compile(
    r"\{\{\s*value_json((?:\.[A-Za-z_]\w*|\[(?:'[^'\]]+'|\"[^\"\]]+\"|\d+)\])+)\s*\}\}"
)
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\['([^'\]]+)'\]|\[\"([^\"\]]+)\"\]|\[(\d+)\]")

_REFUSED_NODES = (
    nodes.Pow, nodes.Macro, nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends,
    nodes.CallBlock, nodes.Block,
)  # fmt: skip
_REFUSED_FILTERS = frozenset(
    [
        "attr",
        "format",
        "xmlattr",
        "indent",
        "center",
        "wordwrap",
        "pprint",
        "tojson",
        "batch",
        "slice",
        "groupby",
    ]
)


class TemplateRefused(ValueError):
    """A template that will not be run, or that failed. The message says why."""


def _number(convert: Callable[[Any], Any]) -> Callable[..., Any]:
    def filtered(value: Any, default: Any = 0) -> Any:
        try:
            return convert(value)
        except (TypeError, ValueError, OverflowError):
            return default

    return filtered


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > RANGE_LIMIT:
        raise TemplateError(f"range of more than {RANGE_LIMIT}")
    return numbers


def _iif(value: Any, yes: Any = True, no: Any = False) -> Any:
    return yes if value else no


def _from_json(value: Any) -> Any:
    return decode_json(str(value).encode())


def _is_defined(value: Any) -> Any:
    if isinstance(value, Undefined):
        raise TemplateError("not defined")
    return value


_NESTED = re.compile(r"[+*}]\)*[+*{]|\|.*[+*]\)[+*{]")
_REGEX_TEXT = 1024


def _pattern(pattern: str) -> re.Pattern[str]:
    """A pattern whose matching time is bounded: short, and no repetition of a repetition."""
    if len(pattern) > 200 or _NESTED.search(pattern) or re.search(r"\\\d", pattern):
        raise TemplateError("a regular expression that may not end")
    return re.compile(pattern)


def _regex_findall(value: Any, find: str = "") -> list[Any]:
    return _pattern(find).findall(str(value)[:_REGEX_TEXT])


def _regex_findall_index(value: Any, find: str = "", index: int = 0) -> Any:
    return _regex_findall(value, find)[index]


def _regex_replace(value: Any, find: str = "", replace: str = "") -> str:
    return _pattern(find).sub(replace, str(value)[:_REGEX_TEXT])


def _regex_match(value: Any, find: str = "") -> bool:
    return _pattern(find).match(str(value)[:_REGEX_TEXT]) is not None


_ENVIRONMENT = ImmutableSandboxedEnvironment(
    autoescape=False, extensions=["jinja2.ext.loopcontrols"]
)
_ENVIRONMENT.globals = {"range": _range, "iif": _iif, "float": _number(float), "int": _number(int)}
_ENVIRONMENT.filters |= {
    "float": _number(float),
    "int": _number(lambda value: int(float(value))),
    "iif": _iif,
    "from_json": _from_json,
    "to_json": json.dumps,
    "is_defined": _is_defined,
    "regex_findall": _regex_findall,
    "regex_findall_index": _regex_findall_index,
    "regex_replace": _regex_replace,
    "regex_match": _regex_match,
    "regex_search": lambda value, find="": bool(_regex_findall(value, find)),
    "bool": lambda value, default=False: str(value).lower() in ("true", "on", "yes", "1"),
}


@lru_cache(maxsize=4096)
def compile_template(source: str) -> Template:
    """A checked template. Raises `TemplateRefused`."""
    if len(source) > SOURCE_LIMIT:
        raise TemplateRefused(f"a template of {len(source)} characters")
    try:
        tree = _ENVIRONMENT.parse(source)
        _check(tree, loops=0)
        return _ENVIRONMENT.from_string(source)
    except TemplateError as error:
        raise TemplateRefused(f"a template that does not parse: {error.message}") from error


def _check(node: nodes.Node, loops: int) -> None:
    if isinstance(node, _REFUSED_NODES):
        raise TemplateRefused(f"{type(node).__name__} in a template")
    if isinstance(node, nodes.Filter) and node.name in _REFUSED_FILTERS:
        raise TemplateRefused(f"the filter {node.name} in a template")
    if isinstance(node, nodes.Mul) and any(_stringlike(side) for side in (node.left, node.right)):
        raise TemplateRefused("a multiplied text in a template")
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        raise TemplateRefused("a private attribute in a template")
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and "__" in node.value:
        raise TemplateRefused("a private attribute in a template")
    if isinstance(node, nodes.For):
        loops += 1
        if loops > 2:
            raise TemplateRefused("loops nested three deep in a template")
    for child in node.iter_child_nodes():
        _check(child, loops)


def _stringlike(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Const):
        return isinstance(node.value, str | list | tuple) or (
            isinstance(node.value, int) and abs(node.value) > 1_000_000
        )
    return isinstance(node, nodes.List | nodes.Tuple | nodes.Concat)


def check_template(source: str) -> None:
    """Raise `TemplateRefused` for a template that will never be run."""
    if not _PATH.fullmatch(source):
        compile_template(source)


@lru_cache(maxsize=4096)
def _path(source: str) -> tuple[str | int, ...] | None:
    found = _PATH.fullmatch(source.strip())
    if not found:
        return None
    return tuple(
        int(step[3]) if step[3] else (step[0] or step[1] or step[2])
        for step in _STEP.findall(found.group(1))
    )


def render_value(
    source: str | None, text: str, parsed: Callable[[], Any], extra: Mapping[str, Any]
) -> str:
    """The payload through a value template; the payload itself without one.

    `parsed` gives the payload as JSON and is called only if needed. Raises `TemplateRefused`.
    """
    if not source:
        return text
    path = _path(source)
    if path is not None:
        return _walk(path, parsed)
    template = compile_template(source)
    if "for " in source and len(text) > LOOPED_INPUT_LIMIT:
        raise TemplateRefused("a payload too large for a template with loops")
    try:
        value_json = parsed() if "value_json" in source else None
    except PayloadError:
        value_json = None
    return _render(template, {"value": text, "value_json": value_json, **extra})


def _walk(path: tuple[str | int, ...], parsed: Callable[[], Any]) -> str:
    value = parsed()
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError) as error:
            raise TemplateRefused(f"the payload has no {step}") from error
    if value is None:
        return "None"
    return str(value) if not isinstance(value, dict | list) else json.dumps(value)


def render_command(source: str | None, value: Any, extra: Mapping[str, Any]) -> str:
    """A command's payload through a command template. Raises `TemplateRefused`."""
    if not source:
        return f"{value:g}" if isinstance(value, float) else str(value)
    return _render(compile_template(source), {"value": value, **extra})


def _render(template: Template, variables: Mapping[str, Any]) -> str:
    pieces: list[str] = []
    size = 0
    try:
        for piece in template.generate(**variables):
            size += len(piece)
            if size > OUTPUT_LIMIT:
                raise TemplateRefused(f"a template's output of more than {OUTPUT_LIMIT} characters")
            pieces.append(piece)
    except TemplateRefused:
        raise
    except Exception as error:  # whatever a template's own arithmetic raises
        raise TemplateRefused(f"a template failed: {error}") from error
    return "".join(pieces).strip()
