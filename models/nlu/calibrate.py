"""The decision thresholds of the understanding model.

Chosen on the development sets (SLURP rows outside of what a home answers, against Home Assistant's
sentences and SLURP's home rows): `hearthd bench understand` shows what they give.
"""

from __future__ import annotations

FOR_US_THRESHOLD = 0.9
"""Below it a sentence is not for us."""


def calibrated_settings() -> dict[str, float]:
    """`task_settings` of the artefact."""
    return {"for_us_threshold": FOR_US_THRESHOLD}
