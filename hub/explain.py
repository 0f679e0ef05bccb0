"""Why a sentence came to what it came to, as data: how its words were read, what could be meant,
and what decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading, Reading
from hub.as_json import reading_as_json
from hub.ground.by_name import MARGIN
from hub.ground.context import Context
from hub.ground.index import Match
from hub.ground.search import candidates
from hub.ground.sentence import Thresholds
from hub.ground.wanted import wanted_for
from hub.road import Travelled
from hub.taught import TaughtReading
from hub.values import Status

SHOWN = 6
"""Candidates of one wish that are shown."""


def explanation(
    travelled: Travelled,
    home: Home,
    context: Context,
    thresholds: Thresholds,
    result: Mapping[str, Any],
) -> dict[str, Any]:
    """A journey in JSON. `home` and `context` are those it began with; `result` is what `rehearse`
    prints of it."""
    reading = travelled.reading or Reading("", 0.0, (), ())
    said = travelled.outcome.plan.explanation
    wishes: Sequence[ClauseReading] = said.get("clauses", ())
    acted = frozenset(a.call.entity_id for a in travelled.outcome.plan.actions)
    offered = {i: c.label for c in travelled.outcome.plan.choices for i in c.about}
    return {
        "text": reading.text,
        "language": travelled.language,
        **reading_as_json(reading),
        "tokens": [
            {
                "text": token.text,
                "tag": token.tag,
                "confidence": round(token.confidence, 4),
                "clause_start": round(token.clause_start, 4),
            }
            for token in reading.tokens
        ],
        "wishes": [
            {
                "text": clause.text,
                "intent": clause.intent,
                "confidence": round(clause.intents[0].confidence, 4),
                "candidates": _candidates(clause, home, context, {*acted, *offered}),
            }
            for clause in wishes
        ],
        "why": _why(travelled, home, context, thresholds, wishes),
        "result": {k: result[k] for k in ("status", "reply", "frames", "actions", "engine")},
    }


def _candidates(
    clause: ClauseReading, home: Home, context: Context, meant: set[str]
) -> list[dict[str, Any]]:
    wanted = wanted_for(clause, home, context.words)
    found = candidates(clause, home, context, wanted)[:SHOWN]
    return [
        {
            "entity_id": match.entity.id,
            "name": match.entity.name,
            "area": _area_name(match.entity, home),
            "score": round(score, 3),
            "exact": match.exact,
            "meant": match.entity.id in meant,
        }
        for score, match in found
    ]


def _area_name(entity: Entity, home: Home) -> str | None:
    area = home.areas.get(entity.area or "")
    return area.name if area else None


def _why(
    travelled: Travelled,
    home: Home,
    context: Context,
    thresholds: Thresholds,
    wishes: Sequence[ClauseReading],
) -> list[str]:
    """What decided, in sentences."""
    reading, plan = travelled.reading, travelled.outcome.plan
    reasons = []
    if isinstance(reading, TaughtReading):
        reasons.append(f"It is a sentence you have taught: {reading.template!r}, {reading.where}.")
    if remarks := plan.explanation.get("remarks"):
        left_out = " and ".join(f"“{remark}”" for remark in remarks)
        reasons.append(f"Left out, as nothing that is wished: {left_out}.")
    if reading is None or plan.status is Status.NOT_UNDERSTOOD:
        return reasons + _why_not_understood(reading, thresholds, travelled.language, wishes)
    for clause in wishes:
        wanted = wanted_for(clause, home, context.words)
        scored = candidates(clause, home, context, wanted)
        acted = frozenset(a.call.entity_id for a in plan.actions)
        if reason := _why_this(scored, acted):
            reasons.append(reason)
        elif acted and not scored:
            places = [s.text for s in clause.spans if s.slot in ("area", "floor")]
            where = f" ({', '.join(places)})" if places else ""
            reasons.append(f"“{clause.text}” names a kind of thing{where}, not one: all are meant.")
    if plan.choices:
        labels = ", ".join(choice.label for choice in plan.choices[:SHOWN])
        reasons.append(
            f"{len(plan.choices)} are possible and none is clearly better, so it asks: {labels}."
        )
    if plan.status is Status.CONFIRM:
        reasons.append("It is dangerous, or doubtful: the policy asks for a yes.")
    if plan.status is Status.REFUSED:
        reasons.append("It was refused for the reason in the reply; nothing was done.")
    return reasons


def _why_not_understood(
    reading: Reading | None,
    thresholds: Thresholds,
    language: str,
    wishes: Sequence[ClauseReading],
) -> list[str]:
    if reading is None or not reading.clauses:
        return ["There is no word in it that could be a wish."]
    least = thresholds.least(language)
    if reading.for_us < least:
        return [
            f"It sounds like it is not meant for a home: {reading.for_us:.3f}, and "
            f"{least:.3f} is needed."
        ]
    surest = min(clause.intents[0].confidence for clause in (*wishes, *reading.clauses))
    if surest >= thresholds.intent and reading.for_us < thresholds.for_us_unknown:
        return [
            f"It may be meant for somebody else: {reading.for_us:.4f}, and "
            f"{thresholds.for_us_unknown:.4f} is needed of what names nothing that this home has, "
            f"or tells what was."
        ]
    return [f"No reading of it is sure enough: the best of the weakest wish has {surest:.2f}."]


def _why_this(scored: Sequence[tuple[float, Match]], acted: frozenset[str]) -> str | None:
    """Why the named thing won; None for a wish about a kind of thing."""
    if not scored or scored[0][1].entity.id not in acted:
        return None
    score, best = scored[0]
    how = "is the very name" if best.exact else f"fits {score:.2f}"
    rest = [(s, m.entity.name) for s, m in scored[1:] if m.entity.id not in acted]
    if not rest:
        return f"“{best.entity.name}” {how}, and nothing else is near."
    gap = score - rest[0][0]
    return (
        f"“{best.entity.name}” {how}; next is “{rest[0][1]}” with {rest[0][0]:.2f}, {gap:.2f} "
        f"behind (closer than {MARGIN} would be a question)."
    )
