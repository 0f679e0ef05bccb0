"""Confirmations: a dangerous plan waits for a yes, from the same site, once, for a minute.

A challenge is bound to the site that asked, to the plan it was asked about, and to the states that
its devices had then: a yes to an old picture of the house agrees to nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.home import Home
from edge.tasks.understanding_schema import Reading
from hub.languages import Lexicon, plain
from hub.quantities import number
from hub.values import Plan, Request


@dataclass(frozen=True, slots=True)
class Challenge:
    """A dangerous plan that waits for a yes; valid once. `states` is what its entities were in."""

    token: str
    plan: Plan
    asked: datetime
    expires: datetime
    site: str
    states: Mapping[str, str | None]


def challenge_for(plan: Plan, site: str, home: Home, now: datetime, seconds: int) -> Challenge:
    """A fresh challenge for a plan that needs consent."""
    states = {a.call.entity_id: home.state(a.call.entity_id).state for a in plan.actions}
    expires = now + timedelta(seconds=seconds)
    return Challenge(secrets.token_urlsafe(12), plan, now, expires, site, states)


def is_yes(
    challenge: Challenge,
    reading: Reading | None,
    request: Request,
    now: datetime,
    words: Lexicon,
) -> bool:
    """Whether a request is the yes to a challenge: in words, by its token, or by a PIN alone."""
    if request.site != challenge.site:
        return False
    if not challenge.asked <= now < challenge.expires:  # a clock set back extends nothing
        return False
    if request.challenge is not None:
        return secrets.compare_digest(request.challenge.encode(), challenge.token.encode())
    if reading is None:
        return request.pin is not None and request.call is None
    if len(reading.clauses) == 1 and reading.clauses[0].intent == "HassConfirm":
        return _only_agrees(reading.text, challenge.plan, words)
    return False


def changed_since(challenge: Challenge, home: Home) -> str | None:
    """The name of an entity that is not as it was when the question was asked."""
    for entity_id, state in challenge.states.items():
        entity = home.entities.get(entity_id)
        if entity is None:
            return entity_id
        if home.state(entity_id).state != state:
            return entity.name
    return None


def _only_agrees(text: str, plan: Plan, words: Lexicon) -> bool:
    """Whether a yes says nothing but yes and what was asked: "yes, unlock" is no yes to heating."""
    asked = set(plain(" ".join(answer.text or "" for answer in plan.answers)).split())
    said = words.apart(plain(words.without("yes", plain(text)))).split()
    return all(word in asked or number(word, words) is not None for word in said)
