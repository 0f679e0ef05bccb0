"""Where somebody is in a remedy. Pure: a visit and what was said go in, a turn comes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from hub.support.remedy import Step
from hub.support.words import Said, SupportWords


class End(StrEnum):
    """How a visit ended."""

    SOLVED = "solved"
    ESCALATED = "escalated"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Visit:
    """`at` is the step that was said last, or the number of steps when it was asked whether it
    works now. `tried` are the steps that were done; `transcript` alternates person and house."""

    name: str
    problem: str
    source: str
    steps: tuple[Step, ...]
    language: str
    contact: str = ""
    device: str | None = None
    at: int = 0
    tried: tuple[str, ...] = ()
    transcript: tuple[tuple[str, str], ...] = ()
    opened: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What to say, and the visit after it; `end` when it is over."""

    text: str
    visit: Visit
    end: End | None = None


def turn(visit: Visit, said: Said, words: SupportWords) -> Turn:
    """One turn of a visit."""
    if said is Said.SOLVED:
        return Turn(words.phrases["solved_reply"], _did(visit), End.SOLVED)
    if said is Said.STOP:
        return Turn(words.phrases["stop_reply"], visit, End.STOPPED)
    if said is Said.MORE:
        return escalated(visit, words)
    if said is Said.REPEAT:
        return Turn(step_text(visit, words), visit)
    if said is Said.BACK:
        before = replace(visit, at=max(visit.at - 1, 0))
        prefix = f"{words.phrases['first']} " if visit.at == 0 else ""
        return Turn(prefix + step_text(before, words), before)
    return _onward(_did(visit), said, words)


def _did(visit: Visit) -> Visit:
    if visit.at >= len(visit.steps):
        return visit
    text = visit.steps[visit.at].text
    return visit if text in visit.tried else replace(visit, tried=(*visit.tried, text))


def _onward(visit: Visit, said: Said, words: SupportWords) -> Turn:
    """The next step; when something did not help, the next remedy; after the last, somebody."""
    following = visit.at + 1
    if said is Said.FAILED:
        now = visit.steps[visit.at].remedy if visit.at < len(visit.steps) else -1
        rest = [i for i in range(following, len(visit.steps)) if visit.steps[i].remedy != now]
        if not rest:
            return escalated(visit, words)
        following = rest[0]
    if visit.at >= len(visit.steps):
        return escalated(visit, words)
    moved = replace(visit, at=following)
    return Turn(step_text(moved, words), moved)


def step_text(visit: Visit, words: SupportWords) -> str:
    """The step of a visit as it is said."""
    if visit.at >= len(visit.steps):
        return words.phrases["ask"]
    return words.phrases["step"].format(
        number=visit.at + 1, count=len(visit.steps), text=visit.steps[visit.at].text
    )


def escalated(visit: Visit, words: SupportWords) -> Turn:
    """Somebody must come: who, and what was tried."""
    text = " ".join(part for part in (words.phrases["escalated"], visit.contact) if part)
    return Turn(text, visit, End.ESCALATED)
