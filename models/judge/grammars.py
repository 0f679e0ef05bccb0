"""What a household document may tell, with a question that it answers or does not: grammars over
the words of `data/`.

Each kind gives a question, a statement, and whether the one answers the other. A statement without
the answer differs in one thing from one that has it. `{d}` and `{b}` stand for the device and its
brand; a tab divides a statement from the heading that it must stand under.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

Words = Mapping[str, Sequence[str]]
Told = tuple[str, str, bool]
"""Question, statement, whether it answers."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The device and brand that a pair is about, and the dice."""

    dice: random.Random
    device: str
    brand: str


def read(name: str) -> str:
    """A file of `data/`."""
    return files(__package__).joinpath(f"data/{name}").read_text("utf-8")


@cache
def table(name: str) -> Any:
    """A YAML file of `data/`."""
    return yaml.safe_load(read(name))


@cache
def plain_facts() -> list[tuple[list[str], str]]:
    """Questions with the statement that answers them; neighbours are of one subject."""
    rows = (line.split("\t") for line in read("facts.tsv").splitlines() if "\t" in line)
    return [(questions.split("|"), statement) for questions, statement in rows]


@cache
def read_lines(name: str) -> list[str]:
    """The lines of a file of `data/`."""
    return read(name).splitlines()


def filled(text: str, setting: Setting) -> str:
    """The text with the names of the device and its brand."""
    words: Words = table("words.yaml")
    other = setting.dice.choice(words["brands"])
    return text.replace("{d}", setting.device).replace("{b2}", other).replace("{b}", setting.brand)


def statement(setting: Setting) -> str:
    """Something else that the same document says."""
    kind = setting.dice.choice((action, attribute, fact))
    return filled(kind(setting)[1], setting).partition("\t")[0]


def _other(dice: random.Random, choices: Sequence[str], than: str) -> str:
    return dice.choice([choice for choice in choices if choice != than])


_CLOSE_FACETS = {
    frozenset(pair.split())
    for pair in ("when often", "when sign", "forbidden who", "how with", "why neglect", "how who",
                 "forbidden when", "how forbidden", "often sign", "forbidden often",
                 "forbidden how", "forbidden with", "forbidden why", "when neglect")
}  # fmt: skip
"""Of these, one may answer a question for the other."""


def action(setting: Setting) -> Told:
    """Doing something to a part."""
    dice = setting.dice
    known, words = table("actions.yaml"), table("words.yaml")
    asked, part = dice.choice(known["actions"]), dice.choice(words["parts"])
    facets = list(known["facets"])
    facet = dice.choices(facets, [3 if f in ("how", "often") else 1 for f in facets])[0]
    question = _of_action(dice.choice(known["facets"][facet]["ask"]), asked, part, dice)
    answered = dice.random() < 0.45
    said, about, same = asked, part, facet
    if not answered:
        change = dice.choices(("facet", "part", "action", "both"), (50, 20, 20, 10))[0]
        if change in ("part", "both"):
            about = _other(dice, words["parts"], part)
        if change == "action":
            said = dice.choice([a for a in known["actions"] if a is not asked])
        if change in ("facet", "both"):
            same = dice.choice(
                [f for f in facets if f != facet and frozenset((f, facet)) not in _CLOSE_FACETS]
            )
    if same == "how" and dice.random() < 0.4:  # the heading alone says what the steps are for
        steps = [step for step in said["steps"] if "{p}" not in step] or said["steps"]
        told = f"{dice.choice(steps)}\t{said['noun'].capitalize()} the {{p}}"
        return question, _of_action(told, said, about, dice), answered
    told = _of_action(dice.choice(known["facets"][same]["say"]), said, about, dice)
    return question, told, answered


_CIRCUMSTANCES = ("interval", "duration", "tool", "person", "time", "reason", "consequence")


def _of_action(form: str, action: Mapping[str, Any], part: str, dice: random.Random) -> str:
    words = table("words.yaml")
    asks = "{v}" in form and "?" in form and dice.random() < 0.35
    verb = dice.choice(action["other"]) if asks else action["verb"]
    text = form.replace("{steps}", dice.choice(action["steps"]))
    for name, value in (
        ("v", verb), ("V", verb.capitalize()), ("done", action["done"]), ("noun", action["noun"]),
        ("Noun", action["noun"].capitalize()), ("P", part.capitalize()), ("p", part),
        *((kind, dice.choice(words[f"{kind}s"])) for kind in _CIRCUMSTANCES),
        ("n", str(dice.randint(2, 95))),
    ):  # fmt: skip
        text = text.replace(f"{{{name}}}", value)
    return text


_CLOSE_ATTRIBUTES = {
    frozenset(pair.split())
    for pair in ("size height", "size width", "size depth", "size length", "size thickness",
                 "power current", "power energy", "contact shop", "number type", "count most",
                 "life spares", "current voltage", "brand contact", "year life", "ambient humidity",
                 "temperature ambient", "type screws", "shop price", "reach coverage")
}  # fmt: skip


def attribute(setting: Setting) -> Told:
    """A property of the device or of a part."""
    dice = setting.dice
    known, words = table("attributes.yaml"), table("words.yaml")
    asked = dice.choice(known)
    thing = setting.device if dice.random() < 0.4 else dice.choice(words["parts"])
    question = dice.choice(asked["ask"]).replace("{x}", thing)
    answered = dice.random() < 0.42
    about, said = thing, asked
    if not answered:
        change = dice.choices(("attribute", "thing", "both"), (60, 32, 8))[0]
        if change != "attribute":
            about = _other(dice, [*words["parts"], setting.device], thing)
        if change != "thing":
            said = dice.choice([
                each for each in known
                if each is not asked
                and frozenset((each["name"], asked["name"])) not in _CLOSE_ATTRIBUTES
            ])  # fmt: skip
    if said["spec"] and dice.random() < 0.3:
        return question, _specification(setting, about, said, asked), answered
    told = _of_thing(dice.choice(said["say"]), about, setting)
    return question, told, answered


def _specification(setting: Setting, thing: str, said: Any, asked: Any) -> str:
    """A line of technical data."""
    dice = setting.dice
    rest = [
        each["spec"] for each in table("attributes.yaml")
        if each["spec"] and each is not said and each is not asked
        and frozenset((each["name"], asked["name"])) not in _CLOSE_ATTRIBUTES
    ]  # fmt: skip
    parts = [said["spec"], *dice.sample(rest, dice.randint(0, 4))]
    dice.shuffle(parts)
    line = dice.choice(("; ", ", ")).join(_of_thing(part, thing, setting) for part in parts)
    if thing == setting.device and dice.random() < 0.5:
        return line[0].upper() + line[1:]
    return f"{thing.capitalize()}: {line}"


def _of_thing(form: str, thing: str, setting: Setting) -> str:
    dice, words = setting.dice, table("words.yaml")
    text = form.replace("{x}", thing).replace("{X}", thing.capitalize())
    for name in ("colour", "material", "place"):
        text = text.replace(f"{{{name}}}", dice.choice(words[f"{name}s"]))
    text = text.replace("{brand}", setting.brand)
    return text.replace("{n}", str(dice.randint(2, 95))).replace("{m}", str(dice.randint(10, 99)))


def fact(setting: Setting) -> Told:
    """A statement with its questions; what is not told is told of a neighbour's subject."""
    dice, known = setting.dice, plain_facts()
    at = dice.randrange(len(known))
    question = dice.choice(known[at][0])
    if dice.random() < 0.45:
        return question, known[at][1], True
    near = at + dice.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5))
    away = near % len(known) if dice.random() < 0.6 else dice.randrange(len(known))
    return question, known[away][1], away == at


def row(setting: Setting) -> Told:
    """A row of a table of settings."""
    dice, known = setting.dice, table("rows.yaml")
    key = dice.choice(known["keys"])
    shown = dice.sample(known["columns"], dice.randint(1, 5))
    answered = dice.random() < 0.45
    asked = dice.choice(shown)
    row_key = key
    if not answered:
        if dice.random() < 0.75:
            asked = dice.choice([column for column in known["columns"] if column not in shown])
        else:
            row_key = _other(dice, known["keys"], key)
    said = key if dice.random() < 0.5 else dice.choice((f"the {key} programme", f"{key} mode"))
    question = dice.choice(asked["ask"]).replace("{k}", said)
    cells = [
        f"{column['name']}: {dice.choice(column['value']).replace('{n}', str(dice.randint(5, 95)))}"
        for column in shown
    ]
    return question, f"{row_key}: {'; '.join(cells)}", answered


_CODE_QUESTIONS: tuple[Callable[[str, str], str], ...] = (
    lambda code, _: f"What does {code} mean?",
    lambda code, _: f"The {{d}} shows {code}, what should I do?",
    lambda code, _: f"{code} in the display",
    lambda _, cause: f"{cause}, what can I do?",
)


def code(setting: Setting) -> Told:
    """A row of a table of error codes."""
    dice, known = setting.dice, table("rows.yaml")
    code, cause = dice.choice(known["codes"]), dice.choice(known["causes"])
    question = dice.choice(_CODE_QUESTIONS)(code, cause)
    answered = dice.random() < 0.5
    if not answered:
        code, cause = _other(dice, known["codes"], code), _other(dice, known["causes"], cause)
    remedy = dice.choice(known["remedies"])
    return question, f"{code}: Cause: {cause}; What to do: {remedy}", answered


def untold(setting: Setting) -> Told:
    """A question that no household document answers."""
    question = setting.dice.choice(read_lines("untold.txt"))
    return question, statement(setting), False


KINDS: Mapping[Callable[[Setting], Told], int] = {
    action: 28,
    attribute: 27,
    fact: 20,
    row: 12,
    code: 5,
    untold: 8,
}
"""Kinds of pairs with how many of a hundred there are of each."""
