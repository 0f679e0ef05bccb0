"""Verb phrases: a verb with its object in the forms of each language's sentences."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from models.translate.forms import LANGUAGES

_PARTICLES = frozenset("on off up down in out away".split())


@dataclass(frozen=True, slots=True)
class Verb:
    """One wording in one language: its forms as the file has them."""

    language: str
    forms: tuple[str, ...]

    def say(self, form: str, thing: Mapping[str, str], time: str = "") -> str:
        """The phrase with its object. `thing` has the object's cases; `time` is an adverb that
        German wants inside."""
        return {"en": _english, "de": _german, "es": _romance, "fr": _romance, "zh": _chinese}[
            self.language
        ](self.forms, form, thing, time).strip()


def _with_object(phrase: str, thing: str) -> str:
    return phrase.replace("{o}", thing) if "{o}" in phrase else f"{phrase} {thing}"


def _english(forms: tuple[str, ...], form: str, thing: Mapping[str, str], _: str) -> str:
    base = forms[0]
    if form == "":
        return _with_object(base, thing[""])
    word = forms[1 if form == "part" else 2]
    if "{o}" in base:
        _, rest = base.split(" ", 1)
        head, *more = word.split(" ", 1)
        del more
        return f"{head} {rest.replace('{o}', thing[''])}"
    return f"{word} {thing['']}"


def _german(forms: tuple[str, ...], form: str, thing: Mapping[str, str], time: str) -> str:
    infinitive, finite, participle = forms[:3]
    *rest_words, verb = infinitive.split()
    rest = " ".join(rest_words)
    prefix, _, stem = verb.rpartition("·")
    what = thing["dat" if len(forms) > 3 else "acc"]
    around = rest.replace("{o}", what) if "{o}" in rest else f"{what} {{t}} {rest}"
    around = around if "{t}" in around else around + " {t}"
    denied = around.replace("{t}", "nicht")
    around = around.replace("{t}", time)
    said = {
        "inf": f"{around} {prefix}{stem}", "ninf": f"{denied} {prefix}{stem}",
        "zu": f"{around} {prefix}zu{stem}" if prefix else f"{around} zu {stem}",
        "part": f"{around} {participle}", "imp": f"{finite} {around} {prefix}",
        "sie": f"{stem} Sie {around} {prefix}",
    }  # fmt: skip
    return " ".join(said[form].split())


def _romance(forms: tuple[str, ...], form: str, thing: Mapping[str, str], _: str) -> str:
    infinitive, informal, polite, participle = forms
    verb, _, rest = infinitive.partition(" ")
    negative = (polite[:-1] + "e" if polite.endswith("é") else polite) + "s"
    head = {
        "inf": verb, "imp": informal, "polite": polite, "part": participle, "neg": negative,
    }[form]  # fmt: skip
    return _with_object(f"{head} {rest}".strip(), thing[""])


def _chinese(forms: tuple[str, ...], form: str, thing: Mapping[str, str], _: str) -> str:
    phrase = forms[0]
    return phrase.replace("{o}", thing[""]) if "{o}" in phrase else phrase + thing[""]


def read_verbs(row: str, languages: tuple[str, ...] = LANGUAGES) -> dict[str, tuple[Verb, ...]]:
    """A line of the file: each language's wordings, the first of which is the one to write."""
    found: dict[str, tuple[Verb, ...]] = {}
    for language, column in zip(languages, row.split(" | "), strict=True):
        wordings = [tuple(f.strip() for f in w.split(", ")) for w in column.split(" / ")]
        if language == "en":
            wordings += [
                (f"{w[0].split()[0]} {{o}} {w[0].split()[1]}", w[1].split()[0], w[2].split()[0])
                for w in wordings
                if len(w[0].split()) == 2 and w[0].split()[1] in _PARTICLES
            ]
        found[language] = tuple(Verb(language, wording) for wording in wordings)
    return found


def pick(wordings: tuple[Verb, ...], rng: random.Random | None) -> Verb:
    """The first wording, or with `rng` any of them."""
    if rng is None or rng.random() < 0.5:
        return wordings[0]
    return rng.choice(wordings)
