"""What grounding may look at beside the words: where the speaker is, and what was said before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from devices.home import EMPTY
from hub.languages import Lexicon, lexicon
from hub.values import Action, Choice, Frame


@dataclass(frozen=True, slots=True)
class TimerView:
    """A running or paused timer. `length` is as it was started, in seconds."""

    id: str
    name: str | None
    area: str | None
    length: int
    due: datetime
    paused_left: int | None = None


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A command that waits for its time."""

    id: str
    text: str
    due: datetime | None
    repeat: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What the last exchange of this conversation was about."""

    text: str
    frames: tuple[Frame, ...] = ()
    actions: tuple[Action, ...] = ()
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """`area` is where the speaker is (an area id). `pending` are the choices of a question asked;
    `previous` the last turn that did something."""

    now: datetime
    area: str | None = None
    language: str = "en"
    previous: Turn | None = None
    pending: tuple[Choice, ...] = ()
    timers: tuple[TimerView, ...] = ()
    schedules: tuple[ScheduleView, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=lambda: EMPTY)

    @property
    def words(self) -> Lexicon:
        """The words of the request's language."""
        return lexicon(self.language)
