"""What a wish waits for, or is looked up before it: a condition of the home, read from words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from devices.home import Entity, Home
from hub.automations.conditions import Now, judged
from hub.automations.schema import Condition
from hub.ground.context import Context
from hub.languages import Choices, Phrase, phrase


class Manner(StrEnum):
    """How a wish hangs on its condition: look `NOW`, wait for it `ONCE`, act `EVERY` time it comes
    about, or act at once and put it back when it comes about (`UNTIL`)."""

    NOW = "now"
    ONCE = "once"
    EVERY = "every"
    UNTIL = "until"


@dataclass(frozen=True, slots=True)
class Told:
    """A condition in words: `english` tells it, `brief` does in signs and the language's own words
    for states, `found` is what the devices say now (in English). `about` are its entities."""

    condition: Condition
    english: str
    brief: str
    found: str
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Awaited:
    """A condition with its manner. `holds` is whether it does now, None if no device says; `parts`
    the same of each of its alternatives."""

    manner: Manner
    told: Told
    holds: bool | None
    parts: tuple[bool | None, ...] = ()

    @property
    def already(self) -> bool:
        """Whether nothing of it can come about before something else has changed."""
        return all(self.parts)


def holds(condition: Condition, home: Home, context: Context) -> bool | None:
    """Whether a condition holds now; None if the devices do not say."""
    return judged(condition, Now(home, context.now, context.place))


def which(things: Sequence[Entity]) -> Phrase:
    """A refusal: the words may mean any of these."""
    named = Choices(dict.fromkeys(thing.name for thing in things[:6]))
    *most, last = named
    english = f"Which one do you mean: {', '.join(most)} or {last}? Nothing was done."
    return phrase(english, "which_one", choices=named)
