"""Parallel household sentences in five languages, made from our own tables (`data/*.yaml`).

A sentence is chosen once, as a template and entries for its slots, and said in each language from
the same choice. What is read may be said in any of the given wordings, lower-cased and without
punctuation, as people type and as speech recognition gives it; what is written is always the first.
Numbers and names are placeholders, so that the model cannot change them.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from models.translate.forms import LANGUAGES, Noun, agreeing, finished, read_noun
from models.translate.verbs import Verb, pick, read_verbs

DIRECTIONS = tuple(
    pair for other in LANGUAGES[1:] for pair in ((LANGUAGES[0], other), (other, LANGUAGES[0]))
)
PLACEHOLDERS = tuple(f"<{kind}{i}>" for kind in "nx" for i in range(1, 5))

_DATA = Path(__file__).parent / "data"
_UNIONS = {
    "thing": ("power", "open", "plumbing", "fixture", "clean"),
    "any": ("power", "open", "plumbing", "fixture", "stuff", "chores"),
    "appliance": ("power",), "leak": ("plumbing",), "pet": ("pets",),
}  # fmt: skip
_GROCERIES = 26
"""The first rows of `stuff` are what one buys."""
_SLOT = re.compile(r"\{(\w+)(?::([\w+]*))?(?:~(\w+))?(\?)?\}")
_MARK = re.compile(r"⟦([nx]):(\w+)⟧")
Row = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that can be said. Verbs stand with the class of their objects."""

    nouns: Mapping[str, tuple[Row, ...]]
    words: Mapping[str, tuple[Row, ...]]
    verbs: tuple[tuple[str, Mapping[str, tuple[Verb, ...]]], ...]
    frames: tuple[Row, ...]
    sentences: Mapping[str, tuple[Row, ...]]


def _rows(block: str) -> tuple[Row, ...]:
    rows = []
    for line in block.strip().splitlines():
        columns = [column.strip() for column in line.split(" | ")]
        if len(columns) != len(LANGUAGES):
            raise ValueError(f"not {len(LANGUAGES)} columns: {line!r}")
        rows.append(
            {lang: tuple(c.split(" / ")) for lang, c in zip(LANGUAGES, columns, strict=True)}
        )
    return tuple(rows)


def _file(name: str) -> Any:
    return yaml.safe_load((_DATA / f"{name}.yaml").read_text("utf-8"))


@cache
def tables() -> Tables:
    """Read once. Raises ValueError for a line with a column too few."""
    nouns = {name: _rows(block) for name, block in _file("nouns").items()}
    nouns |= {
        name: tuple(row for part in parts for row in nouns[part]) for name, parts in _UNIONS.items()
    }
    nouns["grocery"] = nouns["stuff"][:_GROCERIES]
    verbs = tuple(
        (group["objects"], read_verbs(line.strip()))
        for group in _file("verbs")
        for line in group["rows"].strip().splitlines()
    )
    sentences = {name: _rows(block) for name, block in _file("sentences").items()}
    return Tables(
        nouns, {name: _rows(block) for name, block in _file("words").items()}, verbs,
        _rows(_file("frames")["rows"]), sentences,
    )  # fmt: skip


@dataclass(slots=True)
class Choice:
    """What a sentence says, before it is said in a language."""

    template: Row
    slots: dict[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True, slots=True)
class _Object:
    """A verb's object: a noun, maybe of a room, maybe "my"; or a name."""

    noun: Row | None
    room: Row | None
    mine: bool


def choose(rng: random.Random) -> Choice:
    """A template and what stands in its slots."""
    all_tables = tables()
    if rng.random() < 0.45:
        template, key = rng.choice(all_tables.frames), "frame"
    else:
        groups = [name for name, rows in all_tables.sentences.items() for _ in rows]
        template, key = rng.choice(all_tables.sentences[rng.choice(groups)]), "sentence"
    choice = Choice(template, {}, key)
    for name, _, _, optional in _SLOT.findall(template["en"][0]):
        if name not in choice.slots:
            choice.slots[name] = _fill(name, bool(optional), rng, choice)
    verbs = [str(v[1]["en"][0].forms[0]) for v in choice.slots.values() if isinstance(v, tuple)]
    choice.key = f"{template['en'][0]}|{'|'.join(verbs)}"
    return choice


def _fill(name: str, optional: bool, rng: random.Random, choice: Choice) -> Any:
    all_tables = tables()
    base = name.rstrip("0123456789")
    if name in ("v", "w"):
        objects, verb = rng.choice(all_tables.verbs)
        return objects, verb, _object(objects, rng)
    if optional and rng.random() < 0.5:
        return None
    if base in ("num", "name"):
        return base
    if base in all_tables.words:
        return rng.choice(all_tables.words[base])
    rows = all_tables.nouns[base]
    other = choice.slots.get(base) if name != base else None
    return rng.choice([row for row in rows if row is not other])


def _object(objects: str, rng: random.Random) -> _Object:
    if rng.random() < 0.06:
        return _Object(None, None, False)
    room = None
    if objects in ("power", "open", "plumbing", "fixture") and rng.random() < 0.3:
        room = rng.choice(tables().nouns["room"])
    mine = room is None and objects in ("stuff", "linen", "pets") and rng.random() < 0.12
    return _Object(rng.choice(tables().nouns[objects]), room, mine)


def held_out(key: str) -> bool:
    """Whether a structure (a template, with its verb) is never trained on."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")
    return number % 25 == 0


class Speaker:
    """Says a choice in one language; with `rng` in any of its wordings, else in the first."""

    def __init__(self, choice: Choice, language: str, rng: random.Random | None) -> None:
        self.choice = choice
        self.language = language
        self.rng = rng
        self._nouns: dict[str, Noun] = {}

    def say(self) -> str:
        """The sentence, with marks for numbers and names."""
        return finished(self.language, self._filled(self._wording(self.choice.template)))

    def _wording(self, row: Row) -> str:
        wordings = row[self.language]
        return wordings[0] if self.rng is None else self.rng.choice(wordings)

    def _filled(self, template: str) -> str:
        return _SLOT.sub(lambda m: self._slot(m[1], m[2] or "", m[3] or ""), template)

    def _slot(self, name: str, form: str, agrees_with: str) -> str:
        value = self.choice.slots.get(name)
        if name in ("v", "w"):
            return self._verb(value, form, name)
        if name in ("lit", "unlit"):
            value = tables().words[name][0]
        if value is None:
            return ""
        if value in ("num", "name"):
            return f"⟦{'n' if value == 'num' else 'x'}:{name}⟧"
        if name.rstrip("0123456789") in tables().words:
            wording = self._wording(value).replace("{num}", f"⟦n:{name}⟧")
            if agrees_with:
                return agreeing(self.language, wording, self._noun(agrees_with))
            return wording.partition(", ")[0]
        return self._noun(name).form(form)

    def _noun(self, name: str) -> Noun:
        if name not in self._nouns:
            self._nouns[name] = read_noun(self.language, self._wording(self.choice.slots[name]))
        return self._nouns[name]

    def _verb(self, value: Any, form: str, slot: str) -> str:
        _, verbs, thing = value
        form, _, adverb = form.partition("+")
        time = self._slot(adverb, "", "") if adverb else ""
        return pick(verbs[self.language], self.rng).say(form, self._cases(thing, slot), time)

    def _cases(self, thing: _Object, slot: str) -> dict[str, str]:
        if thing.noun is None:
            return dict.fromkeys(("", "acc", "dat"), f"⟦x:{slot}⟧")
        noun = read_noun(self.language, self._wording(thing.noun))
        own = "my" if thing.mine and self.language != "zh" else ""
        cases = {case: noun.form(own + case) for case in ("", "acc", "dat")}
        if thing.room is None:
            return cases
        room = read_noun(self.language, self._wording(thing.room))
        if self.language == "zh":
            return {case: f"{room.word}的{said}" for case, said in cases.items()}
        if self.language == "en" and self.rng is not None and self.rng.random() < 0.4:
            return dict.fromkeys(cases, f"the {room.word} {noun.word}")
        where = room.place if self.language in ("en", "de") else f"de {room.form('')}"
        return {case: f"{said} {where}" for case, said in cases.items()}


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and its translation."""

    source_language: str
    target_language: str
    source: str
    target: str


def pair(choice: Choice, direction: tuple[str, str], rng: random.Random, rough: bool) -> Pair:
    """`rough`: the source as people type it."""
    source = Speaker(choice, direction[0], rng).say()
    target = Speaker(choice, direction[1], None).say()
    numbers: dict[str, str] = {}
    for kind, slot in _MARK.findall(source):
        mark = f"⟦{kind}:{slot}⟧"
        known = sum(put[1] == kind for put in numbers.values())
        numbers.setdefault(mark, f"<{kind}{known + 1}>")
    for mark, put in numbers.items():
        source, target = source.replace(mark, put), target.replace(mark, put)
    if rough and rng.random() < 0.35:
        source = as_typed(source)
    elif rough and rng.random() < 0.2:
        source = source.rstrip(".。")
    return Pair(*direction, source, target)


def as_typed(text: str) -> str:
    """Lower case, without punctuation."""
    return " ".join(re.sub(r"[.,!?¿¡。，！？]", " ", text.lower()).split())


def pairs(count: int, seed: int, held: bool = False, rough: bool = True) -> Iterator[Pair]:
    """`count` pairs, each direction as often as the others; of structures that are held out from
    training, or of those that are not."""
    rng = random.Random(f"{seed}-{held}")
    made = 0
    while made < count:
        choice = choose(rng)
        if held_out(choice.key) == held:
            yield pair(choice, DIRECTIONS[made % len(DIRECTIONS)], rng, rough)
            made += 1
