"""The documents on the road: a question that the house cannot answer is looked up.

A command never gets here, and nothing that a document says can cause an action: an answer is a
plan that says something, and no more.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from edge.errors import EdgeError
from edge.tasks.understanding_schema import Reading
from hub.knowledge import Answered, Knowledge, KnowledgeError
from hub.knowledge.terms import LANGUAGES, question_of, words
from hub.values import Answer, Plan, Status

_QUESTION_INTENTS = frozenset({"none", "HassGetState", "HassRespond", "HassExplain"})
_HELD_BACK = frozenset({Status.NOT_UNDERSTOOD, Status.REFUSED})


class Library:
    """A knowledge base that does not block the loop. Without documents it costs nothing."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    @property
    def empty(self) -> bool:
        """Whether nobody ever added a document."""
        return not self.knowledge.exists

    async def ask(self, text: str, language: str) -> Answered:
        """What the documents say; that they cannot be read is an answer too."""
        try:
            return await asyncio.to_thread(
                self.knowledge.ask, text, language.split("-", maxsplit=1)[0]
            )
        except (KnowledgeError, EdgeError) as error:
            return Answered(False, str(error), 0.0)

    async def close(self) -> None:
        """Let go of the file."""
        await asyncio.to_thread(self.knowledge.close)


def asks_how(text: str, language: str) -> bool:
    """Whether somebody wants to be told how something is done, which is never a command."""
    return _known(language) and "how_to" in question_of(text, language).expects


def may_be_looked_up(plan: Plan, reading: Reading | None, text: str, language: str) -> bool:
    """Whether the documents may answer what the house did not: a question, held back so far."""
    if reading is None or plan.status not in _HELD_BACK or plan.actions or plan.effects:
        return False
    if not _known(language):
        return False
    question = question_of(text, language)
    asked = text.rstrip().endswith("?") or bool(question.expects or question.codes)
    if plan.status is Status.REFUSED:
        intents = {clause.intent for clause in reading.clauses}
        return asked and intents <= _QUESTION_INTENTS
    return asked


def _known(language: str) -> bool:
    return _base(language) in LANGUAGES


def _base(language: str) -> str:
    return language.split("-", maxsplit=1)[0]


def may_be_told_otherwise(plan: Plan) -> bool:
    """Whether a plan does nothing and asks no consent: then a skill may say something better."""
    idle = not plan.actions and not plan.effects
    return idle and plan.status in (*_HELD_BACK, Status.ANSWERED, Status.CLARIFY)


def plan_to_say(answered: Answered, language: str) -> Plan:
    """The plan that tells an answer and where it stands, or that the documents do not say, and
    where one may look."""
    if not answered.known:
        return Plan(Status.ANSWERED, answers=(Answer("", text=_untold(answered, language)),))
    source = answered.sources[0]
    text = f"{answered.text}\n({source.heading})"
    return Plan(
        Status.ANSWERED,
        answers=(Answer("", text=text),),
        explanation={"documents": describe(answered)},
    )


def _untold(answered: Answered, language: str) -> str:
    if answered.nearest is None:
        return answered.text
    return f"{answered.text} {words(language).nearest.format(heading=answered.nearest.heading)}"


def describe(answered: Answered) -> dict[str, Any]:
    """An answer as JSON, for the journal."""
    return {
        "known": answered.known,
        "confidence": answered.confidence,
        "sources": [
            {"file": Path(s.file).name, "heading": s.heading, "place": s.place}
            for s in answered.sources
        ],
    }
