"""What speaks for a unit being the answer to a question, as numbers.

`weigh` makes of them the probability of each unit, and of there being no answer at all: a
conditional logit whose null alternative has the value 0 (McFadden 1974). Its weights are fitted by
`hearthd bench ask --fit` on the tuning questions and lie in `weights.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from hub.knowledge.encoder import ENCODED, Encoder
from hub.knowledge.kinds import AMOUNTS, SHOWN, counts, holds, other_colour, other_dimension
from hub.knowledge.likeness import Likeness, Text, weighted, weights
from hub.knowledge.terms import (
    Question,
    Term,
    code_key,
    codes_in,
    numbers_in,
    stem_of,
    terms,
    words,
)
from hub.knowledge.values import Found, Kind, Unit
from hub.languages import fold

Floats = NDArray[np.float32]

FEATURES = (
    "bias",
    "cover",  # of the question's terms by unit, headings, title and passage
    "cover_near",  # by unit and headings, without the terms that name the document
    "cover_unit",  # by the unit alone
    "missing",  # the heaviest term that is spoken of nowhere near
    "missing_sum",
    "rest",  # of the terms but those that name the document, by unit, headings and passage
    "device_missing",  # a word that names another document, and is not met here
    "focus",  # the first word of the question that counts, by unit and headings
    "unknown",  # the heaviest term that no passage found speaks of
    "cosine_unit",
    "cosine_passage",
    "cover_by_cosine",
    "amount_met",
    "amount_unmet",
    "kind_met",  # why, where, yes or no
    "steps_met",
    "steps_unmet",
    "steps_unasked",
    "code_met",
    "code_unmet",
    "title_behind",  # how much better another document's title fits
    "rank",
    "row",
    "short",
    "cosine_lead",  # of the unit, over the middle of all units
    "own_rest",  # of the terms but those that name the document, by the unit alone
    "own_strong",  # of these, those that carry much, by unit and headings
    "amount_far",  # an amount in a unit that speaks of little of what is asked
    "amount_missing",  # what is missing, where an amount is asked for,
    "yesno_missing",  # or a yes or no,
    "steps_missing",  # or how to do something
)


_SHOWN = 0.85


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit of a passage that was found."""

    found: Found
    unit: Unit
    index: int


@dataclass(frozen=True, slots=True)
class _Texts:
    title: Text
    headings: Text
    passage: Text


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is known of its words. `titles` are those of all documents;
    `cache` keeps vectors of words and of units."""

    question: Question
    vector: Floats
    encoder: Encoder
    frequency: dict[str, int]
    chunks: int
    titles: Sequence[str]
    cache: dict[str, Floats]


def candidates_of(passages: Sequence[Found]) -> list[Candidate]:
    """All units of the passages, best passage first."""
    return [
        Candidate(found, unit, index)
        for found in passages
        for index, unit in enumerate(found.passage.chunk.units)
    ]


def unit_context(candidate: Candidate) -> str:
    """What the encoder reads of a unit: a row or a step alone does not say what it is about."""
    *_, heading = candidate.found.passage.chunk.heading
    unit = candidate.unit
    return " ".join(part for part in (f"{heading}:", unit.lead, unit.text) if part)


def features(asked: Asked, candidates: Sequence[Candidate]) -> Floats:
    """Shape (candidates, FEATURES)."""
    question = asked.question
    likeness = Likeness(question, asked.encoder, asked.cache)
    passages = {c.found.passage.id: c.found for c in candidates}
    texts = {
        id_: _Texts(
            likeness.text(_title(found)),
            likeness.text(" ".join(found.passage.chunk.heading[1:])),
            likeness.text(found.passage.chunk.text),
        )
        for id_, found in passages.items()
    }
    units = [likeness.text(f"{c.unit.lead} {c.unit.text}") for c in candidates]
    likeness.learn(
        [t for each in texts.values() for t in (each.title, each.headings, each.passage)]
    )
    by = weights(question, asked.frequency, asked.chunks)
    titles = {id_: likeness.covers(each.title) for id_, each in texts.items()}
    best_title = max((weighted(c, by) for c in titles.values()), default=0.0)
    heads = {id_: likeness.covers(each.headings) for id_, each in texts.items()}
    bodies = {id_: likeness.covers(each.passage) for id_, each in texts.items()}
    anywhere = [
        max((max(titles[i][t], heads[i][t], bodies[i][t]) for i in texts), default=0.0)
        for t in range(len(question.terms))
    ]
    unknown = max((w * (1 - c) for w, c in zip(by, anywhere, strict=True)), default=0.0)
    names = _names_a_document(asked, likeness)
    focus = next((i for i, t in enumerate(question.terms) if not t.weak and not names[i]), None)
    vectors = _vectors_of(asked, candidates)
    order = {id_: rank for rank, id_ in enumerate(passages)}
    middle = float(np.median(vectors @ asked.vector)) if len(vectors) else 0.0
    rows = []
    for candidate, text, vector in zip(candidates, units, vectors, strict=True):
        id_ = candidate.found.passage.id
        own = likeness.covers(text)
        shown = [_shows(term.stem, question, candidate) for term in question.terms]
        near = [max(o, 0.95 * h, s) for o, h, s in zip(own, heads[id_], shown, strict=True)]
        wide = [
            max(n, 0.9 * t, 0.6 * b) for n, t, b in zip(near, titles[id_], bodies[id_], strict=True)
        ]
        rest = [w if t < 0.7 else 0.0 for w, t in zip(by, titles[id_], strict=True)]
        cover = weighted(wide, by)
        missing = max((w * (1 - c) for w, c in zip(by, wide, strict=True)), default=0.0)
        cosine = float(vector @ asked.vector)
        missing_sum = sum(w * (1 - c) for w, c in zip(by, wide, strict=True))
        kinds = _kinds(question, candidate)
        strong = [w if not term.weak else 0.0 for w, term in zip(rest, question.terms, strict=True)]
        own_shown = [max(o, s) for o, s in zip(own, shown, strict=True)]
        own_rest = weighted(own_shown, rest) if sum(rest) else cover
        amount = kinds[0] + kinds[1]
        rows.append(
            [
                1.0,
                cover,
                weighted(near, rest) if sum(rest) else cover,
                weighted(own, by),
                missing,
                missing_sum,
                weighted([max(n, 0.6 * b) for n, b in zip(near, bodies[id_], strict=True)], rest)
                if sum(rest)
                else 1.0,
                max(
                    (
                        1 - c
                        for c, n, term in zip(wide, names, question.terms, strict=True)
                        if n and not _says(term, text, texts[id_])
                    ),
                    default=0.0,
                ),
                near[focus] if focus is not None else cover,
                unknown,
                cosine,
                candidate.found.cosine if question.language in ENCODED else 0.0,
                cover * cosine,
                *kinds,
                *_codes(question, candidate),
                weighted(titles[id_], by) - best_title,
                1.0 / (1 + order[id_]),
                float(candidate.unit.kind is Kind.ROW),
                float(len(candidate.unit.text.split()) < 4),
                cosine - middle,
                own_rest,
                weighted(near, strong) if sum(strong) else own_rest,
                amount * (1 - own_rest),
                amount * missing_sum,
                float("yesno" in question.expects) * missing_sum,
                float("steps" in question.expects) * missing_sum,
            ]
        )
    found = np.array(rows, np.float32).reshape(len(rows), len(FEATURES))
    return _defined(question, candidates, found)


def _vectors_of(asked: Asked, candidates: Sequence[Candidate]) -> Floats:
    """Of the units; nothing, where the encoder does not know the question's language."""
    if asked.question.language not in ENCODED:
        return np.zeros((len(candidates), len(asked.vector)), np.float32)
    contexts = [unit_context(c) for c in candidates]
    new = [text for text in dict.fromkeys(contexts) if text not in asked.cache]
    asked.cache.update(zip(new, asked.encoder.encode(new), strict=True))
    return np.array([asked.cache[text] for text in contexts], np.float32)


def _defined(question: Question, candidates: Sequence[Candidate], found: Floats) -> Floats:
    """Where a row defines the code that is asked for, what only mentions it does not count."""
    defines = [_defines(question, candidate.unit) for candidate in candidates]
    if any(defines):
        found[~np.array(defines), FEATURES.index("code_unmet")] = 1.0
    return found


def _defines(question: Question, unit: Unit) -> bool:
    first = unit.text.partition(":")[0]
    here = {code_key(code) for code in codes_in(first)}
    return unit.kind is Kind.ROW and bool(here & set(question.codes))


def _says(term: Term, unit: Text, around: _Texts) -> bool:
    """Whether a word that names a document is met as it is: a dishwasher is no washing machine."""
    return any(
        term.stem in text.stems for text in (unit, around.title, around.headings, around.passage)
    )


def _shows(stem: str, question: Question, candidate: Candidate) -> float:
    """Whether a unit shows what a word asks for: "120 kg" speaks of "heavy"."""
    kinds = question.asking.get(stem, frozenset()) & SHOWN
    text = candidate.unit.text
    return _SHOWN if any(holds(kind, text) for kind in kinds) else 0.0


def _names_a_document(asked: Asked, likeness: Likeness) -> list[bool]:
    """Of each term: whether some titles have it, and others do not."""
    titles = [likeness.text(title) for title in asked.titles]
    have = [sum(term.stem in title.stems for title in titles) for term in asked.question.terms]
    several = max(len(titles), 2)
    return [
        0 < count < several and not term.weak
        for count, term in zip(have, asked.question.terms, strict=True)
    ]


def _title(found: Found) -> str:
    about = found.passage.about
    named = (found.passage.title, about.manufacturer, about.model, about.device)
    return " ".join(part for part in named if part)


def _kinds(question: Question, candidate: Candidate) -> list[float]:
    """amount_met, amount_unmet, kind_met, steps_met, steps_unmet, steps_unasked."""
    text = f"{candidate.unit.lead} {candidate.unit.text}"
    amounts = question.expects & AMOUNTS
    if len(amounts) > 1:
        amounts = amounts - {"count"}
    met = any(holds(kind, text) for kind in amounts)
    if amounts == {"count"} and (noun := counted(question)):
        heading = " ".join(candidate.found.passage.chunk.heading[-1:])
        met = met and (counts(noun, text) or noun in fold(heading))
    if "length" in amounts and candidate.unit.kind is Kind.SENTENCE:
        heading = " ".join(candidate.found.passage.chunk.heading[-1:])
        met = met and not other_dimension(question.text, f"{heading} {text}")
    others = question.expects - AMOUNTS - {"steps", "how_to"}
    steps = "steps" in question.expects
    whole = candidate.unit.kind in (Kind.STEPS, Kind.STEP)
    return [
        float(bool(amounts) and met),
        float(bool(amounts) and not met),
        float(bool(others) and any(holds(kind, candidate.unit.text) for kind in others)),
        float(steps and candidate.unit.kind is Kind.STEPS),
        float(steps and not whole),
        float(not steps and candidate.unit.kind is Kind.STEPS),
    ]


_HOW_MANY = re.compile(
    r"\b(?:how many|wie ?viele|cuant[oa]s)\s+((?:[\w-]+\s+){0,3}?[\w-]+?)(?=\s+(?:"
    r"do|does|did|can|could|are|is|has|have|should|may|must|will|would|fit|of|per|in|at|on|"
    r"kann|konnen|hat|haben|sind|ist|gibt|passen|darf|hay|tiene|puedo|puede|son|caben)\b|[?.!]|$)"
)
"""What "how many" asks about, up to the verb."""


def counted(question: Question) -> str | None:
    """The stem of what "how many" asks about: the last word before the verb."""
    found = _HOW_MANY.search(fold(question.text))
    return stem_of(found[1].split()[-1], words(question.language)) if found else None


def _codes(question: Question, candidate: Candidate) -> list[float]:
    """code_met, code_unmet; the colour of a light is a code too."""
    if other_colour(question.text, f"{candidate.unit.lead} {candidate.unit.text}"):
        return [0.0, 1.0]
    if not question.codes and not question.numbers:
        return [0.0, 0.0]
    chunk = candidate.found.passage.chunk
    first, _, rest = candidate.unit.text.partition(":")
    table = words(question.language)
    numbers = set(terms(first, table)) if rest else set()
    numbers |= set(numbers_in(fold(candidate.unit.text), table))
    here = set(map(code_key, codes_in(f"{candidate.unit.lead} {candidate.unit.text}")))
    here |= set(map(code_key, codes_in(f"{_title(candidate.found)} {' '.join(chunk.heading)}")))
    met = all(code in here for code in question.codes)
    met = met and all(number in numbers for number in question.numbers)
    return [float(met), float(not met)]


@dataclass(frozen=True, slots=True)
class Weights:
    """`values` in the order of `FEATURES`, and the least probability of an answer to give one."""

    values: Floats
    threshold: float


@lru_cache(maxsize=2)
def fitted(encoded: bool = True) -> Weights:
    """The weights that came with hearthd; without `encoded`, those for questions in languages that
    the encoder does not know, fitted to evidence by words alone."""
    name = "weights.json" if encoded else "weights_by_words.json"
    found = json.loads(files(__package__).joinpath(name).read_text("utf-8"))
    values = np.array([found["weights"][name] for name in FEATURES], np.float32)
    return Weights(values, float(found["threshold"]))


_OTHER_DEVICE = 0.1
_NOTHING_IN_COMMON = 0.2


def excluded(rows: Floats) -> NDArray[np.bool_]:
    """What cannot be the answer: another code than was asked for, another device, no amount where
    one is asked for, steps where none are, or what has nothing in common with the question but
    the device."""
    excluded: NDArray[np.bool_] = rows[:, FEATURES.index("code_unmet")] > 0
    excluded |= rows[:, FEATURES.index("amount_unmet")] > 0
    excluded |= rows[:, FEATURES.index("steps_unasked")] > 0
    excluded |= rows[:, FEATURES.index("device_missing")] > _OTHER_DEVICE
    excluded |= rows[:, FEATURES.index("rest")] < _NOTHING_IN_COMMON
    return excluded


def impossible(rows: Floats) -> NDArray[np.bool_]:
    """What cannot be the answer whatever it says: another code or another device."""
    found: NDArray[np.bool_] = rows[:, FEATURES.index("code_unmet")] > 0
    found |= rows[:, FEATURES.index("device_missing")] > _OTHER_DEVICE
    return found


def weigh(rows: Floats, values: Floats) -> Floats:
    """Probability of each unit, shape (candidates,); what is missing to 1 is that of no answer."""
    if not len(rows):
        return np.zeros(0, np.float32)
    scores = (rows @ values).astype(np.float64)
    scores[excluded(rows)] = -50.0
    top = max(0.0, float(scores.max()))
    odds = np.exp(scores - top)
    shares: Floats = (odds / (odds.sum() + np.exp(-top))).astype(np.float32)
    return shares
