"""Conditions about day and night: "if it is dark"."""

from __future__ import annotations

from collections.abc import Sequence

from devices.home import Home
from hub.automations.schema import GroupCondition, SunCondition
from hub.ground.awaited import Told
from hub.ground.context import Context


def sunlit(core: str, home: Home, context: Context, near: Sequence[str] = ()) -> Told | None:
    """That the sun is down, or up; None if the words are about nothing like that, or nobody has
    told where the house is."""
    event = context.words.find("sun", core)
    if event not in ("sunrise", "sunset") or context.place is None:
        return None
    if event == "sunset":
        condition = GroupCondition(
            condition="or",
            conditions=[
                SunCondition(condition="sun", after="sunset"),
                SunCondition(condition="sun", before="sunrise"),
            ],
        )
        return Told(condition, "the sun is down", "☾", "the sun is up", ())
    day = SunCondition(condition="sun", after="sunrise", before="sunset")
    return Told(day, "the sun is up", "☀", "the sun is down", ())
