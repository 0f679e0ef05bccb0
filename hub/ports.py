"""What the road needs from the world. The hub and `rehearse` each bring their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from devices.home import Home
from edge.tasks.understanding_schema import Reading
from hub.pin_guard import Ruling
from hub.values import Action, HubEffect, Request, StepOutcome


class Clock(Protocol):
    """The one source of time."""

    def now(self) -> datetime:
        """Aware, in the house's time zone."""


class Reader(Protocol):
    """The understanding model (`edge`), or whatever else can read a sentence."""

    @property
    def engine(self) -> str:
        """Name and version of what reads, e.g. `understand 1.0.0 (CPU)`."""

    async def read(self, text: str) -> Reading:
        """Never blocks the loop. Raises `edge.errors.EdgeError` when the model fails."""


class House(Protocol):
    """Where the current Home is to be had."""

    def home(self) -> Home:
        """A consistent snapshot, including the hub's own lists."""


class Actuator(Protocol):
    """Carries actions out. Called only behind `hub.permit`."""

    async def perform(
        self, request: Request, actions: Sequence[Action], effects: Sequence[HubEffect]
    ) -> tuple[StepOutcome, ...]:
        """One outcome per action, in order; never raises for a device's fault. The effects change
        the hub's own stores."""


class PinJudge(Protocol):
    """Who looks at PINs, and counts the wrong ones."""

    async def rule(self, site: str, user: str | None, pin: str, now: datetime) -> Ruling:
        """Judge a PIN; a wrong one is written down first. Raises `JournalError`."""


class Scribe(Protocol):
    """Writes down every stage of every request under its trace id."""

    async def note(self, trace: str, stage: str, content: Mapping[str, Any]) -> None:
        """`stage` is a stage of the road; `content` is JSON."""
