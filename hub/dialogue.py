"""A conversation: what was said last, what was asked, what waits for a yes.

Pure: a `Conversation` goes in with each turn and a new one comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from edge.tasks.understanding_schema import ClauseReading, Reading
from hub.confirm import Challenge
from hub.ground.context import Turn
from hub.ground.names import best_fit, kind_of_word, tokens
from hub.languages import Lexicon, plain
from hub.values import Choice, Effect, Outcome, Plan, Status

ASKED_SECONDS = 120
"""How long a question stays open."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One session's memory: the last turn and its last clause, an open question, a challenge; the
    entities that were spoken of, latest first, and those of the last question; its language."""

    previous: Turn | None = None
    clause: ClauseReading | None = None
    choices: tuple[Choice, ...] = ()
    asked: datetime | None = None
    challenge: Challenge | None = None
    recent: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    language: str | None = None


_RECENT = 8
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
    if (own := _by_its_own_word(text, choices, words)) and len(said_words) <= _NEW_WISH:
        return own.plan
    ordinal = words.ordinal(plain(text))
    if ordinal is not None and len(said_words) <= _NEW_WISH and -1 <= ordinal < len(choices):
        return choices[ordinal].plan
    return None


def _by_its_own_word(said: str, choices: Sequence[Choice], words: Lexicon) -> Choice | None:
    """The choice that a word is said of which no other has, with nothing beside it but "the" and
    "one": "the office one" is not the first."""
    labels = [frozenset(tokens(choice.label)) for choice in choices]
    own = [
        label - frozenset().union(*labels[:at], *labels[at + 1 :])
        for at, label in enumerate(labels)
    ]
    spoken = frozenset(tokens(said))
    meant = [at for at, telling in enumerate(own) if telling & spoken]
    if len(meant) != 1:
        return None
    rest = spoken - labels[meant[0]]
    return choices[meant[0]] if all(_tells_nothing(word, words) for word in rest) else None


def _tells_nothing(word: str, words: Lexicon) -> bool:
    small = any(words.fits(group, word) for group in ("the_one", "one_there", "joining", "yes"))
    return small or kind_of_word(word) in ("thing", "room")


def _all_of(choices: tuple[Choice, ...]) -> Plan:
    plans = [plan for c in choices if (plan := c.plan).status is not Status.REFUSED]
    if not plans:
        return choices[0].plan
    by_entity = {a.call.entity_id: a for plan in plans for a in plan.actions}
    effects = tuple(effect for plan in plans for effect in plan.effects)
    return replace(plans[0], actions=tuple(by_entity.values()), effects=effects)


def after(
    conversation: Conversation,
    text: str,
    outcome: Outcome,
    now: datetime,
    challenge: Challenge | None = None,
) -> Conversation:
    """The conversation after a turn; `challenge` is what a CONFIRM waits for."""
    plan = outcome.plan
    clauses = plan.explanation.get("clauses", ())
    last = clauses[-1] if clauses else conversation.clause
    if outcome.status is Status.CLARIFY:
        offered = tuple(entity_id for choice in plan.choices for entity_id in choice.about)
        return replace(
            conversation, choices=plan.choices, asked=now, clause=last, challenge=None,
            offered=offered,
        )  # fmt: skip
    if outcome.status is Status.CONFIRM:
        return replace(conversation, challenge=challenge, choices=(), clause=last)
    if outcome.status is Status.NOT_UNDERSTOOD:
        return replace(conversation, choices=(), challenge=None)
    closed = replace(conversation, choices=(), challenge=None, clause=last)
    return _spoken_of(closed, text, outcome, now)


def _spoken_of(
    conversation: Conversation, text: str, outcome: Outcome, now: datetime
) -> Conversation:
    """The conversation with what this turn was about; a question leaves what can be undone."""
    plan, previous = outcome.plan, conversation.previous
    about = tuple(plan.explanation.get("about", ()))
    if plan.actions or plan.effects:
        done = {id(step.action) for step in outcome.steps if step.status is not Status.FAILED}
        acted = tuple(action for action in plan.actions if id(action) in done)
        about = about or tuple(dict.fromkeys(a.call.entity_id for a in acted))
        starting = [e.effect for e in plan.effects if e.effect in _STARTING]
        started = starting[0] if starting else None
        previous = Turn(text, plan.frames, acted, about, started, now, len(starting))
    elif about:
        previous = replace(previous or Turn(text, plan.frames), about=about, at=now)
    recent = tuple(dict.fromkeys((*about, *conversation.recent)))[:_RECENT]
    return replace(conversation, previous=previous, recent=recent)


_STARTING = (Effect.START_TIMER, Effect.SCHEDULE)
