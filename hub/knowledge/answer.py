"""An answer out of the documents' own words, or that they do not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.knowledge.evidence import Candidate, Floats
from hub.knowledge.terms import Question, words
from hub.knowledge.values import Answered, Chunk, Kind, Quote, Unit

_PARAGRAPH_WORDS = 60
"""A paragraph up to this long is quoted whole: its sentences explain each other."""
_NEAR_RANK = 3
_SECOND_SHARE = 0.35
"""A second quotation needs this much of the first one's probability."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate with its probability."""

    candidate: Candidate
    share: float


def compose(
    question: Question, candidates: Sequence[Candidate], shares: Floats, threshold: float
) -> Answered:
    """The answer, given each candidate's probability."""
    confidence = min(1.0, float(shares.sum())) if len(shares) else 0.0
    if confidence < threshold:
        said = words(question.language).not_known
        return Answered(False, said, round(confidence, 3), nearest=_nearest(candidates))
    ordered = sorted(
        (Weighed(c, float(s)) for c, s in zip(candidates, shares, strict=True)),
        key=lambda weighed: -weighed.share,
    )
    chosen = _chosen(question, ordered)
    texts = [quoted(question, weighed.candidate) for weighed in chosen]
    steps = _steps_of(chosen[0].candidate) if "\n" in texts[0] else ()
    return Answered(
        True,
        "\n".join(dict.fromkeys(texts)),
        round(confidence, 3),
        tuple(dict.fromkeys(quote_of(weighed.candidate) for weighed in chosen)),
        steps,
    )


def _nearest(candidates: Sequence[Candidate]) -> Quote | None:
    """Where to look for what could not be told: the best passage, if it is among the first both by
    words and by meaning."""
    near = [
        c
        for c in candidates
        if 0 < c.found.word_rank <= _NEAR_RANK and 0 < c.found.meaning_rank <= _NEAR_RANK
    ]
    return quote_of(max(near, key=lambda c: c.found.score)) if near else None


def _chosen(question: Question, ordered: Sequence[Weighed]) -> list[Weighed]:
    """The best unit, and one more where it is nearly as good and says something else."""
    first = ordered[0]
    chosen = [first]
    said = quoted(question, first.candidate)
    for other in ordered[1:6]:
        if other.share < _SECOND_SHARE * first.share:
            break
        if other.candidate.unit.text not in said:
            chosen.append(other)
            break
    return chosen


def quote_of(candidate: Candidate) -> Quote:
    """Where a candidate stands."""
    passage = candidate.found.passage
    chunk = passage.chunk
    return Quote(passage.file, " > ".join(chunk.heading), chunk.text, chunk.place)


def quoted(question: Question, candidate: Candidate) -> str:
    """A unit with as much of what surrounds it as it takes to understand it."""
    unit, chunk = candidate.unit, candidate.found.passage.chunk
    siblings = [u for u in chunk.units if u.block == unit.block]
    if unit.kind is Kind.SENTENCE:
        return _sentence(unit, siblings, chunk)
    if unit.kind is Kind.STEPS or (unit.kind is Kind.STEP and "steps" in question.expects):
        whole = next((u for u in siblings if u.kind is Kind.STEPS), unit)
        return _led(whole, "\n") if whole.lead.endswith(":") else whole.text
    if unit.kind is Kind.ITEM:
        return _led(unit, " ") if unit.lead.endswith(":") else unit.text
    return unit.text


def _led(unit: Unit, gap: str) -> str:
    return f"{unit.lead}{gap}{unit.text}"


def _sentence(unit: Unit, siblings: Sequence[Unit], chunk: Chunk) -> str:
    """The paragraph, if it is short; else the sentence with the one it goes on from."""
    whole = " ".join(u.text for u in siblings)
    if len(whole.split()) <= _PARAGRAPH_WORDS:
        return _with_list(whole, unit, siblings, chunk)
    at = siblings.index(unit)
    start = max(0, at - 1)
    return " ".join(u.text for u in siblings[start : at + 2])


def _with_list(text: str, unit: Unit, siblings: Sequence[Unit], chunk: Chunk) -> str:
    """A sentence that announces a list is nothing without it."""
    if not siblings[-1].text.endswith(":"):
        return text
    after = [u for u in chunk.units if u.block == unit.block + 1]
    steps = next((u for u in after if u.kind is Kind.STEPS), None)
    if steps is not None:
        return f"{text}\n{steps.text}"
    return "\n".join([text, *(f"- {u.text}" for u in after)])


def _steps_of(candidate: Candidate) -> tuple[str, ...]:
    chunk = candidate.found.passage.chunk
    lists = [u for u in chunk.units if u.kind is Kind.STEP]
    same = [u.text for u in lists if u.block == candidate.unit.block]
    return tuple(same or [u.text for u in lists if u.block == candidate.unit.block + 1])
