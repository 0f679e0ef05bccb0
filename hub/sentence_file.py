"""The householder's own sentences: files of what is said and what is meant, checked as a whole.

`sentences` maps a template to a sentence that is understood already; `intents` is the form of Home
Assistant's custom_sentences. Templates are hassil's: `(a|b)`, `[optional]`, `{list}`, `<rule>`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from hassil import errors
from hassil.expression import Expression, Group, ListReference, RuleReference
from hassil.intents import Intents
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError

from edge.tasks.understanding_schema import INTENTS, NONE
from hub.config import ConfigurationError

HOME_LISTS = ("name", "area", "floor")
"""Lists that every home fills by itself."""

SPAN_OF_SLOT: Mapping[str, str] = {
    "name": "name", "area": "area", "floor": "floor", "color": "color", "state": "state",
    "item": "item", "message": "message", "search_query": "query", "media_class": "media_class",
    **dict.fromkeys(
        ("brightness", "position", "percentage", "fan_speed", "volume_level", "volume_step",
         "temperature", "humidity", "mode", "value"),
        "value",
    ),
}  # fmt: skip
"""What the understanding model calls the words that fill Home Assistant's slots."""
ATTRIBUTES = ("domain", "device_class")
_KEYS = ("language", "sentences", "intents", "lists", "expansion_rules")
_SIZE_LIMIT = 256 * 1024
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One template and what it means: another sentence of its file's `language`, or an intent with
    fixed slots. `where` is its file and line."""

    template: str
    where: str
    language: str
    meant: str | None = None
    intent: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SentenceFile:
    """All phrases of one file, and the templates as hassil wants them: the intent `0` is the first
    phrase, and so on."""

    language: str
    phrases: tuple[Phrase, ...]
    templates: Intents


def load_sentences(folder: Path) -> tuple[SentenceFile, ...]:
    """All `*.yaml` files of a folder. Raises `ConfigurationError` with every mistake."""
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}: there is no such folder of sentence files")
    mistakes: list[str] = []
    files = [
        found
        for path in sorted((*folder.rglob("*.yaml"), *folder.rglob("*.yml")))
        if (found := _Reader(path, mistakes).read()) is not None
    ]
    if mistakes:
        raise ConfigurationError("\n".join(mistakes))
    return tuple(files)


class _Reader:
    """Reads one file and collects its mistakes."""

    def __init__(self, path: Path, mistakes: list[str]) -> None:
        self.path = path
        self.mistakes = mistakes
        self.lists: set[str] = set(HOME_LISTS)
        self.rules: set[str] = set()
        self.language = "en"

    def read(self) -> SentenceFile | None:
        """The file; None where it has mistakes."""
        before = len(self.mistakes)
        root = self._root()
        if root is None:
            return None
        parts = {key: node for key, _, node in self._pairs(root, _KEYS)}
        self.language = self._language(root, parts.get("language"))
        lists = self._plain(parts.get("lists"))
        rules = self._plain(parts.get("expansion_rules"))
        self.lists |= set(lists)
        self.rules |= set(rules)
        phrases = tuple(
            phrase
            for phrase in (*self._sentences(parts.get("sentences")), *self._intents(parts))
            if self._sound(phrase)
        )
        if len(self.mistakes) > before:
            return None
        raw = {
            "language": self.language,
            "lists": lists,
            "expansion_rules": rules,
            "intents": {
                str(number): {"data": [{"sentences": [phrase.template]}]}
                for number, phrase in enumerate(phrases)
            },
        }
        try:
            return SentenceFile(self.language, phrases, Intents.from_dict(raw))
        except (ParseError, errors.HassilError, KeyError, TypeError, AttributeError) as error:
            self._mistake(root, f"lists or expansion_rules: {error}")
        return None

    def _root(self) -> yaml.Node | None:
        try:
            if self.path.stat().st_size > _SIZE_LIMIT:
                raise OSError(f"more than {_SIZE_LIMIT // 1024} KB")
            text = self.path.read_text("utf-8")
            if any(isinstance(e, yaml.AliasEvent) for e in yaml.parse(text, yaml.SafeLoader)):
                self.mistakes.append(f"{self.path}: anchors and aliases are not allowed here")
                return None
            self.loader = yaml.SafeLoader(text)
            root: yaml.Node | None = self.loader.get_single_node()
        except (OSError, UnicodeDecodeError) as error:
            self.mistakes.append(f"{self.path}: cannot be read: {error}")
            return None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f"{self.path}:{mark.line + 1}" if mark else str(self.path)
            self.mistakes.append(f"{where}: not YAML: {getattr(error, 'problem', None) or error}")
            return None
        if not isinstance(root, yaml.MappingNode):
            self.mistakes.append(f"{self.path}: expected `language:` and `sentences:`")
            return None
        return root

    def _language(self, root: yaml.Node, node: yaml.Node | None) -> str:
        given = self._value(node)
        if not isinstance(given, str) or not _LANGUAGE.fullmatch(given):
            reason = "expected a language such as en or pt-BR"
            self._mistake(node or root, f"language: {reason}, got {given!r}")
            return "en"
        return given

    def _sentences(self, node: yaml.Node | None) -> Iterator[Phrase]:
        """The short form: said: meant."""
        for template, where, value in self._pairs(node):
            meant = self._value(value)
            if not isinstance(meant, str) or not meant.strip():
                self._mistake(value, f"{template!r}: say in a sentence what it means")
                continue
            yield Phrase(template, where, self.language, meant)

    def _intents(self, parts: Mapping[str, yaml.Node]) -> Iterator[Phrase]:
        """Home Assistant's form: intent, then `data`, a list of `sentences` and `slots`."""
        for intent, _, node in self._pairs(parts.get("intents")):
            if intent not in INTENTS or intent == NONE:
                self._mistake(node, f"{intent}: there is no such intent.{_hint(intent, INTENTS)}")
                continue
            for key, _, data in self._pairs(node, ("data",)):
                entries = data.value if isinstance(data, yaml.SequenceNode) else []
                if not entries:
                    self._mistake(data, f"{intent}.{key}: expected a list with `sentences`")
                for entry in entries:
                    yield from self._entry(intent, entry)

    def _entry(self, intent: str, entry: yaml.Node) -> Iterator[Phrase]:
        parts = {key: node for key, _, node in self._pairs(entry, ("sentences", "slots"))}
        slots = self._plain(parts.get("slots"))
        for slot in slots:
            self._check_slot(parts["slots"], slot)
        sentences = parts.get("sentences")
        if not isinstance(sentences, yaml.SequenceNode) or not sentences.value:
            self._mistake(entry, f"{intent}: expected `sentences`, a list of templates")
            return
        for node in sentences.value:
            template = str(self._value(node))
            yield Phrase(template, self._where(node), self.language, None, intent, slots)

    def _check_slot(self, node: yaml.Node, slot: str) -> None:
        known = (*SPAN_OF_SLOT, *ATTRIBUTES)
        if slot not in known:
            say = f"slots are {', '.join(known)}; for others write a sentence under `sentences`"
            self._mistake(node, f"slot {slot}: {say}")

    def _sound(self, phrase: Phrase) -> bool:
        """Whether a phrase's template can be used, and says everything that it must."""
        before = len(self.mistakes)
        try:
            expression = parse_sentence(phrase.template).expression
        except ParseError as error:
            self.mistakes.append(f"{phrase.where}: {phrase.template!r}: {error}")
            return False
        found = list(_references(expression))
        slots = {item.slot_name for item in found if isinstance(item, ListReference)}
        for item in found:
            known, name = (
                (self.lists, item.list_name)
                if isinstance(item, ListReference)
                else (self.rules, item.rule_name)
            )
            if name not in known and not re.fullmatch(r"-?\d+\.\.-?\d+.*", name):
                kind = "list {%s}" if isinstance(item, ListReference) else "rule <%s>"
                reason = f"there is no {kind % name}.{_hint(name, known)}"
                self.mistakes.append(f"{phrase.where}: {phrase.template!r}: {reason}")
        for slot in re.findall(r"\{(\w+)\}", phrase.meant or ""):
            if slot not in slots:
                reason = f"{{{slot}}} is meant but never said"
                self.mistakes.append(f"{phrase.where}: {phrase.template!r}: {reason}")
        for slot in slots if phrase.meant is None else ():
            if slot not in SPAN_OF_SLOT:
                reason = f"slot {slot}: known are {', '.join(SPAN_OF_SLOT)}"
                self.mistakes.append(f"{phrase.where}: {phrase.template!r}: {reason}")
        return len(self.mistakes) == before

    # --- YAML nodes, which know their lines ---------------------------------------------------

    def _pairs(
        self, node: yaml.Node | None, known: Sequence[str] = ()
    ) -> Iterator[tuple[str, str, yaml.Node]]:
        """Key, place and value of a mapping; a mistake for a key that is unknown or there twice."""
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            self._mistake(node, "expected a mapping (`key: value` lines)")
            return
        seen: set[str] = set()
        for key_node, value in node.value:
            key = str(self._value(key_node))
            if known and key not in known:
                self._mistake(key_node, f"{key}: there is no such key.{_hint(key, known)}")
            elif key in seen:
                self._mistake(key_node, f"{key!r} is there twice")
            else:
                seen.add(key)
                yield key, self._where(key_node), value

    def _plain(self, node: yaml.Node | None) -> dict[str, Any]:
        """A mapping as Python values."""
        return {key: self._value(value) for key, _, value in self._pairs(node)}

    def _value(self, node: yaml.Node | None) -> Any:
        if node is None:
            return None
        try:
            return self.loader.construct_object(node, deep=True)
        except yaml.YAMLError as error:
            self._mistake(node, str(getattr(error, "problem", None) or error))
            return None

    def _where(self, node: yaml.Node) -> str:
        return f"{self.path}:{node.start_mark.line + 1}"

    def _mistake(self, node: yaml.Node, reason: str) -> None:
        self.mistakes.append(f"{self._where(node)}: {reason}")


def _references(expression: Expression) -> Iterator[ListReference | RuleReference]:
    if isinstance(expression, ListReference | RuleReference):
        yield expression
    elif isinstance(expression, Group):
        for item in expression.items:
            yield from _references(item)


def _hint(given: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(given, list(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""
