"""Pairs of a question and a passage, with whether the passage answers it.

Made from `grammars`, and from passages by hand (`told`). A made passage without the answer differs
in one thing from one that has it: another part, another action, another property, another row,
another device; as the best passage of a manual does that does not tell.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from models.judge.grammars import KINDS, Setting, Words, filled, statement, table
from models.judge.told import told

LANGUAGES = ("en", "de", "es")
SEPARATOR = " [SEP] "
"""Between question and passage: the encoder's own token for it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """`text` is question and passage, `answered` whether the second answers the first."""

    text: str
    answered: bool


def pairs(count: int, seed: int, by_hand: float = 0.0, names: tuple[str, ...] = ()) -> list[Pair]:
    """`count` pairs, about four in ten answered; a share `by_hand` of them from passages that were
    written by hand (in the files `names`, or in all)."""
    dice = random.Random(seed)
    return [
        _told(dice, names) if by_hand and dice.random() < by_hand else _pair(dice)
        for _ in range(count)
    ]


def _told(dice: random.Random, names: tuple[str, ...]) -> Pair:
    question, passage, answered = told(dice, names)
    said = _spoken(question, dice, passage.language)
    return Pair(f"{said}{SEPARATOR}{passage.shown}", answered)


def _pair(dice: random.Random) -> Pair:
    words: Words = table("words.yaml")
    setting = Setting(dice, dice.choice(words["devices"]), dice.choice(words["brands"]))
    kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
    question, said, answered = kind(setting)
    title_device = setting.device
    if answered and dice.random() < 0.06:  # the same words about another device
        other = dice.choice([d for d in words["devices"] if d != setting.device])
        question, answered = f"{question.rstrip('?. ')} of the {setting.device}?", False
        title_device, said = other, said.replace(setting.device, other)
    question = _spoken(filled(question, setting), dice)
    passage = _passage(setting, title_device, filled(said, setting))
    return Pair(f"{question}{SEPARATOR}{passage}", answered)


def _passage(setting: Setting, device: str, told: str) -> str:
    """As the hub shows it to the judge: title, heading, and what would be quoted."""
    dice = setting.dice
    heading = dice.choice(table("words.yaml")["headings"])
    model = f"{dice.choice('ABDHKRSTVX')}{dice.choice(('', '-'))}{dice.randint(2, 990)}"
    title = dice.choice(
        (f"{setting.brand} {model} {device}", f"{setting.brand} {device}", f"{device} {model}",
         device, f"{setting.brand} {model}")
    )  # fmt: skip
    title = title[0].upper() + title[1:]
    told, heading = told.partition("\t")[::2] if "\t" in told else (told, heading)
    around = [statement(setting) for _ in range(dice.choice((0, 0, 0, 1, 1, 2, 3)))]
    said = [*around, told]
    dice.shuffle(said)
    return f"{title} > {heading}: {' '.join(said)}"


_POLITE = {
    "en": ("tell me: ", "please tell me ", "hey, ", "I would like to know, ", "um, ", "so "),
    "de": ("sag mal, ", "weißt du, ", "hallo, ", "ich wollte wissen, ", "äh, ", "also "),
    "es": ("oye, ", "dime, ", "por favor, ", "quería saber: ", "eh, ", "y "),
}


def _spoken(question: str, dice: random.Random, language: str = "en") -> str:
    if dice.random() < 0.05:
        question = f"{dice.choice(_POLITE[language])}{question[0].lower()}{question[1:]}"
    if dice.random() < 0.25:
        question = question.lower()
    if dice.random() < 0.2:
        question = question.rstrip("?.").lstrip("¿")
    if language == "en" and dice.random() < 0.08:
        question = question.replace(" the ", " my ", 1)
    return question
