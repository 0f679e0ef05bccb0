"""Readings and plans as JSON, for the journal and for explanations."""

from __future__ import annotations

from typing import Any

from edge.tasks.understanding_schema import Reading
from hub.taught import TaughtReading
from hub.values import Plan


def reading_as_json(reading: Reading) -> dict[str, Any]:
    """A reading as JSON, for the journal and for explanations."""
    taught = {}
    if isinstance(reading, TaughtReading):
        taught = {"taught": {"sentence": reading.template, "where": reading.where}}
    return taught | {
        "for_us": round(reading.for_us, 4),
        "clauses": [
            {
                "text": clause.text,
                "intents": [[s.label, round(s.confidence, 4)] for s in clause.intents],
                "attributes": {
                    name: [s.label, round(s.confidence, 4)]
                    for name, s in clause.attributes.items()
                    if s.label != "none"
                },
                "spans": [
                    {"slot": s.slot, "text": s.text, "start": s.start, "end": s.end,
                     "confidence": round(s.confidence, 4)}
                    for s in clause.spans
                ],
            }
            for clause in reading.clauses
        ],
    }  # fmt: skip


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """A plan as JSON."""
    return {
        "status": str(plan.status),
        "frames": [
            {"intent": f.intent, "slots": dict(f.slots), "confidence": f.confidence}
            for f in plan.frames
        ],
        "actions": [
            {
                "entity_id": a.call.entity_id,
                "service": a.call.service,
                "data": dict(a.call.data),
            }
            for a in plan.actions
        ],
        "effects": [{"effect": str(e.effect), "data": dict(e.data)} for e in plan.effects],
        "choices": [choice.label for choice in plan.choices],
        "said": [answer.text for answer in plan.answers if answer.text],
    }
