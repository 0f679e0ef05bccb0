"""What a manual says to do, as steps: a remedy that has a procedure of its own brings its steps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hub.knowledge.kinds import holds
from hub.knowledge.terms import question_of, terms, words
from hub.knowledge.values import Kind, Passage, Unit
from hub.support.words import SupportWords

_PARTS = re.compile(r";\s*|\.\s+(?=[A-ZÄÖÜ])")
_LIKE = 0.75


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `remedy` counts the remedies: steps of one procedure share it."""

    text: str
    remedy: int


def remedies(unit: Unit, siblings: Sequence[Unit], said: SupportWords) -> list[str]:
    """What to do, out of the row or the sentence that speaks of the problem."""
    if unit.kind in (Kind.STEP, Kind.STEPS):
        return [u.text for u in siblings if u.kind is Kind.STEP]
    text = unit.text
    if unit.kind is Kind.SENTENCE and len(text.split()) <= 5:
        after = siblings[siblings.index(unit) + 1 :]  # "The lock is jammed." and what follows
        text = " ".join(u.text for u in after) or text
        return [part for part in (p.strip() for p in _PARTS.split(text)) if part]
    if found := said.remedy.search(text):
        text = found[1]
    elif ":" in text:
        text = text.partition(":")[2]
    return [_sentence(part) for part in _PARTS.split(text.strip()) if part.strip()]


def _sentence(part: str) -> str:
    part = part.strip().rstrip(".")
    return f"{part[:1].upper()}{part[1:]}."


def steps_of(found: Sequence[str], passages: Sequence[Passage], language: str) -> list[Step]:
    """The remedies as steps, each with the procedure that its manual has for it."""
    steps: list[Step] = []
    for number, text in enumerate(found):
        procedure = _procedure(text, passages, language)
        steps += [Step(each, number) for each in procedure or [text]]
    return steps


def _procedure(text: str, passages: Sequence[Passage], language: str) -> list[str]:
    """The numbered list under a heading that says the same as the remedy."""
    wanted = {term.stem for term in question_of(text, language).terms}
    table = words(language)
    if len(wanted) < 2:
        return []
    for passage in passages:
        heading = set(terms(passage.chunk.heading[-1], table))
        if len(wanted & heading) / len(wanted) >= _LIKE:
            steps = [u.text for u in passage.chunk.units if u.kind is Kind.STEP]
            if steps:
                return steps
    return []


def contact(passages: Sequence[Passage]) -> str:
    """The sentence that tells how to reach the maker's service; empty where there is none."""
    units = [u.text for p in passages for u in p.chunk.units if u.kind is not Kind.STEPS]
    return next((text for text in units if holds("contact", text)), "")


def asks_for_service(text: str) -> bool:
    """Whether a remedy is to call somebody."""
    return bool(
        re.search(
            r"\bcall (the |a |customer )?(service|technician|customer|support)|\bcall service\b"
            r"|kundendienst|techniker rufen|servicio técnico",
            text,
            re.IGNORECASE,
        )
    )
