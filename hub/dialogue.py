"""A conversation: what was said last, what was asked, what waits for a yes.

Pure: a `Conversation` goes in with each turn and a new one comes out.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from edge.tasks.understanding_schema import ClauseReading, Reading
from hub.ground.context import Turn
from hub.ground.names import best_fit
from hub.languages import Lexicon, plain
from hub.quantities import number
from hub.values import Choice, Outcome, Plan, Status

ASKED_SECONDS = 120
"""How long a question stays open."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """A dangerous plan that waits for a yes; valid once."""

    token: str
    plan: Plan
    expires: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """One session's memory."""

    previous: Turn | None = None
    clause: ClauseReading | None = None
    choices: tuple[Choice, ...] = ()
    asked: datetime | None = None
    challenge: Challenge | None = None


_NEW_WISH = 4
"""An answer to "which one" has few words; more is a new wish."""


def answer_to_question(
    conversation: Conversation, reading: Reading, now: datetime, words: Lexicon
) -> Plan | None:
    """The chosen plan if the sentence answers the question that was asked, else None."""
    if not conversation.choices or conversation.asked is None:
        return None
    if now - conversation.asked > timedelta(seconds=ASKED_SECONDS):
        return None
    text = reading.text.lower()
    choices = conversation.choices
    said_words = plain(text).split()
    intent = reading.clauses[0].intent if reading.clauses else ""
    if intent == "HassConfirm" and len(choices) == 1:
        return choices[0].plan
    said = [s.text for c in reading.clauses for s in c.spans if s.slot in ("name", "area")]
    scored = sorted(
        ((max(best_fit(t, [choice.label]) for t in (text, *said)), choice) for choice in choices),
        key=lambda pair: -pair[0],
    )
    clear = scored[0][0] >= 0.72 and (len(scored) == 1 or scored[0][0] - scored[1][0] > 0.05)
    if clear and (len(said_words) <= _NEW_WISH or intent in ("HassFollowUp", "none")):
        return scored[0][1].plan
    if len(said_words) <= _NEW_WISH and words.has("all", plain(text)):
        return _all_of(choices)
    ordinal = words.ordinal(plain(text))
    if ordinal is not None and len(said_words) <= _NEW_WISH and -1 <= ordinal < len(choices):
        return choices[ordinal].plan
    return None


def _all_of(choices: tuple[Choice, ...]) -> Plan:
    plans = [choice.plan for choice in choices]
    by_entity = {a.call.entity_id: a for plan in plans for a in plan.actions}
    effects = tuple(effect for plan in plans for effect in plan.effects)
    return replace(plans[0], actions=tuple(by_entity.values()), effects=effects)


def confirmed(
    conversation: Conversation,
    reading: Reading | None,
    token: str | None,
    now: datetime,
    words: Lexicon,
) -> Plan | None:
    """The plan that waited, if this is the yes to it: in words, or by the challenge's token."""
    challenge = conversation.challenge
    if challenge is None or now >= challenge.expires:
        return None
    if token is not None:
        return challenge.plan if secrets.compare_digest(token, challenge.token) else None
    if reading and len(reading.clauses) == 1 and reading.clauses[0].intent == "HassConfirm":
        return challenge.plan if _only_agrees(reading.text, challenge.plan, words) else None
    return None


def _only_agrees(text: str, plan: Plan, words: Lexicon) -> bool:
    """Whether a yes says nothing but yes and what was asked: "yes, unlock" is no yes to heating."""
    asked = set(plain(" ".join(answer.text or "" for answer in plan.answers)).split())
    said = words.apart(plain(words.without("yes", plain(text)))).split()
    return all(word in asked or number(word, words) is not None for word in said)


def after(
    conversation: Conversation, text: str, outcome: Outcome, now: datetime, challenge_seconds: int
) -> Conversation:
    """The conversation after a turn."""
    plan = outcome.plan
    clauses = plan.explanation.get("clauses", ())
    last = clauses[-1] if clauses else conversation.clause
    if outcome.status is Status.CLARIFY:
        return replace(conversation, choices=plan.choices, asked=now, clause=last, challenge=None)
    if outcome.status is Status.CONFIRM:
        expires = now + timedelta(seconds=challenge_seconds)
        challenge = Challenge(secrets.token_urlsafe(12), plan, expires)
        return replace(conversation, challenge=challenge, choices=(), clause=last)
    if plan.actions or plan.effects:
        done = {id(step.action) for step in outcome.steps if step.status is not Status.FAILED}
        acted = tuple(action for action in plan.actions if id(action) in done)
        return Conversation(Turn(text, plan.frames, acted), last)
    if outcome.status is Status.NOT_UNDERSTOOD:
        return replace(conversation, choices=(), challenge=None)
    return replace(conversation, choices=(), challenge=None, clause=last)
