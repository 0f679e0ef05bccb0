"""How sure the model is of what is wished, intents that come to the same counted as one."""

from __future__ import annotations

from edge.tasks.understanding_schema import ClauseReading

_ALIKE = (
    frozenset({"HassVacuumStart", "HassVacuumCleanArea"}),
    frozenset({"HassListAddItem", "HassShoppingListAddItem"}),
    frozenset({"HassListCompleteItem", "HassShoppingListCompleteItem"}),
)
"""The home decides between these: which rooms the robot knows, which list is the shopping list."""


def sureness(clause: ClauseReading) -> float:
    """The probability of the best intent and of those that come to the same, in [0, 1]."""
    alike = next((group for group in _ALIKE if clause.intent in group), {clause.intent})
    return sum(scored.confidence for scored in clause.intents if scored.label in alike)
