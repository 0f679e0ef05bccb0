"""The visits of all sessions: opens them, carries them on, and tells the support what was tried."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from devices.home import Home
from edge.errors import EdgeError
from hub.knowledge import KnowledgeError
from hub.knowledge.knowledge import Best
from hub.knowledge.values import Passage
from hub.library import Library, asks_how
from hub.support.complaint import Complaint, complaint_of, reported, reported_code
from hub.support.mood import gravest, mood_of
from hub.support.remedy import Step, asks_for_service, contact, remedies, steps_of
from hub.support.visit import Turn, Visit, escalated, step_text, turn
from hub.support.words import Said, SupportWords, support_words
from hub.values import Answer, Plan, Request, Status

OPEN_FOR = timedelta(hours=12)
"""A visit that nobody went on with for so long is over."""
_ANSWER_WORDS = 10


class Support:
    """Device help. `keep` is called with all open visits whenever one changes; `kept` is what it
    was called with last, before a restart."""

    def __init__(
        self,
        library: Library,
        keep: Callable[[Mapping[str, Any]], None] = lambda _: None,
        kept: Mapping[str, Any] | None = None,
    ) -> None:
        self._library = library
        self._keep = keep
        self._visits = {session: _visit(row) for session, row in (kept or {}).items()}

    async def plan(
        self, request: Request, home: Home, now: datetime, language: str, sure: bool = False
    ) -> Plan | None:
        """What to say, if the request is a complaint (as is `sure` already) or goes on with one;
        else None."""
        words = support_words(language)
        if words is None or self._library.empty or not request.text:
            return None
        going_on = self._going_on(request, now, words)
        if going_on is not None:
            return going_on
        if asks_how(request.text, language):
            return None
        try:
            opened = await asyncio.to_thread(
                self._opened, request.text, home, words, language, sure
            )
        except (KnowledgeError, EdgeError):
            return None  # the road goes on without documents
        if opened is None:
            return None
        return self._after(request, opened, now)

    def _going_on(self, request: Request, now: datetime, words: SupportWords) -> Plan | None:
        visit = self._visits.get(request.session)
        if visit is None or now - datetime.fromisoformat(visit.opened) > OPEN_FOR:
            return None
        said = words.answer(request.text) if len(request.text.split()) <= _ANSWER_WORDS else None
        return None if said is None else self._after(request, turn(visit, said, words), now)

    def _after(self, request: Request, took: Turn, now: datetime) -> Plan:
        lines = (("person", request.text), ("house", took.text))
        visit = replace(
            took.visit, transcript=(*took.visit.transcript, *lines), opened=now.isoformat()
        )
        if took.end is None:
            self._visits[request.session] = visit
        else:
            self._visits.pop(request.session, None)
        self._keep({session: asdict(each) for session, each in self._visits.items()})
        told: dict[str, Any] = {"device_help": {"source": visit.source, "at": visit.at}}
        if took.end is not None:
            told["helped"] = {"end": str(took.end), **summary(visit)}
        return Plan(Status.ANSWERED, answers=(Answer("", text=took.text),), explanation=told)

    def _opened(
        self, text: str, home: Home, words: SupportWords, language: str, sure: bool
    ) -> Turn | None:
        """A visit for a complaint that the documents know. Blocks."""
        knowledge = self._library.knowledge
        complaint = complaint_of(text, home, knowledge.documents(), words, language, sure)
        if complaint is None:
            return None
        code = reported_code(complaint, home)
        asked = f"{text} {code}" if code else text
        ids = [document.id for document in complaint.documents]
        best = knowledge.best(asked, language, ids, words.faults)
        if best is None:
            return None
        passages = knowledge.passages_of(best.candidate.found.passage.document)
        return _first_turn(complaint, best, passages, home, words, language)


def _first_turn(
    complaint: Complaint,
    best: Best,
    passages: list[Passage],
    home: Home,
    words: SupportWords,
    language: str,
) -> Turn | None:
    unit, passage = best.candidate.unit, best.candidate.found.passage
    siblings = [u for u in passage.chunk.units if u.block == unit.block]
    found = remedies(unit, siblings, words)
    if not found:
        return None
    visit = Visit(
        complaint.name,
        unit.text,
        " > ".join(passage.chunk.heading),
        tuple(steps_of(found, passages, language)),
        language,
        contact(passages),
        complaint.device.id if complaint.device else None,
    )
    live = _live(complaint, home, words)
    head = " ".join([*live, words.phrases["manual"].format(source=visit.source), unit.text])
    if all(asks_for_service(step.text) for step in visit.steps):
        end = escalated(visit, words)
        return replace(end, text=f"{head} {end.text}")
    said = f"{head}\n{step_text(visit, words)}\n{words.phrases['hint']}"
    return Turn(said, visit)


def _live(complaint: Complaint, home: Home, words: SupportWords) -> list[str]:
    """What the device itself reports, so that it need not be asked."""
    rows = reported(complaint, home)
    if rows and not any(available for _, _, available in rows):
        return [words.phrases["unavailable"].format(name=complaint.name)]
    known = [(name, state) for name, state, ok in rows if ok and state and "None" not in state]
    return [words.phrases["state"].format(name=n, state=s) for n, s in known[:2]]


def summary(visit: Visit) -> dict[str, Any]:
    """What the support is told: `sentiment` and `intent` are the gravest of all that was said."""
    transcript = [_line(who, said, visit.language) for who, said in visit.transcript]
    moods = [mood_of(said, visit.language) for who, said in visit.transcript if who == "person"]
    gravest_of_all = gravest([mood for mood in moods if mood is not None])
    return {
        "device": visit.name,
        "device_id": visit.device,
        "problem": visit.problem,
        "source": visit.source,
        "sentiment": gravest_of_all.sentiment if gravest_of_all else None,
        "intent": gravest_of_all.intent if gravest_of_all else None,
        "tried": list(visit.tried),
        "transcript": transcript,
    }


def _line(who: str, said: str, language: str) -> dict[str, Any]:
    mood = mood_of(said, language) if who == "person" else None
    return {"who": who, "said": said, **(asdict(mood) if mood else {})}


def _visit(row: Mapping[str, Any]) -> Visit:
    steps = tuple(Step(**step) for step in row["steps"])
    transcript = tuple((who, said) for who, said in row["transcript"])
    return Visit(**{**row, "steps": steps, "tried": tuple(row["tried"]), "transcript": transcript})


__all__ = ["Said", "Support", "summary"]
