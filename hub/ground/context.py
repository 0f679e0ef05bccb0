"""What grounding may look at beside the words: where the speaker is, and what was said before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from devices.home import EMPTY
from hub.automations.moments import Place
from hub.languages import Lexicon, lexicon
from hub.values import Action, Choice, Effect, Frame


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
    """A command that waits for its time, or for what `awaits` says in the person's own words."""

    id: str
    text: str
    due: datetime | None
    repeat: str | None
    awaits: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """An exchange of this conversation: what was done, which entities it was `about` (questions
    are about some too), and whether it `started` a timer or schedules, and how many."""

    text: str
    frames: tuple[Frame, ...] = ()
    actions: tuple[Action, ...] = ()
    about: tuple[str, ...] = ()
    started: Effect | None = None
    at: datetime | None = None
    starts: int = 1


@dataclass(frozen=True, slots=True)
class Context:
    """`area` is where the speaker is (an area id). `pending` are the choices of a question asked;
    `previous` the last turn that did or told something; `recent` the entities that were spoken of
    before, latest first, `offered` those of the last question. `user` is who speaks, `place` where
    the house is: both if it is known."""

    now: datetime
    area: str | None = None
    language: str = "en"
    previous: Turn | None = None
    pending: tuple[Choice, ...] = ()
    timers: tuple[TimerView, ...] = ()
    schedules: tuple[ScheduleView, ...] = ()
    recent: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    user: str | None = None
    place: Place | None = None

    @property
    def words(self) -> Lexicon:
        """The words of the request's language."""
        return lexicon(self.language)
