"""What the hub can do beside devices: answers for requests that name a skill, and for a yes or no
to a suggestion that was just made. A skill never acts on a device."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from edge.tasks.understanding_schema import Reading
from hub.dialogue import Conversation
from hub.habits.suggesting import (
    Suggesting,
    SuggestionError,
    accept,
    decline,
    mine_now,
    open_offer,
    silence,
    tell_best,
)
from hub.languages import fold, lexicon, plain
from hub.messages import Reply
from hub.routing.router import Skill, as_json
from hub.values import Request, SkillCall, Status

if TYPE_CHECKING:
    from hub.hub import Hub

_ENOUGH = re.compile(
    r"\b(?:no|not|don't|stop|fewer|less|quiet|silence|silent|keine?|nicht|weniger|nada|menos|deja|"
    r"plus de|pas|arrete)\b"
)
"""In a sentence about suggestions: nobody wants to hear any for a while."""
_A_WEEK = re.compile(r"\b(?:week|woche|semana|semaine)\b")
_SHORT = 3
"""Words of a no that is only a no."""


async def skilled(hub: Hub, request: Request, reading: Reading | None) -> Reply | None:
    """The reply of a skill; None for what is no business of any.

    Raises `JournalError`.
    """
    if request.skill is not None:
        call = request.skill
        await hub.journal.note(request.trace, "skill", {"skill": call.skill, "verb": call.verb})
        return await _called(hub, request, call)
    return await _answered_offer(hub, request, reading) or await _asked_for(hub, request, reading)


async def _asked_for(hub: Hub, request: Request, reading: Reading | None) -> Reply | None:
    """The best suggestion, where a sentence that is no command asks for one; or an end of them for
    a while. Only where there are any."""
    suggesting, router = hub.suggesting, hub.world.router
    if suggesting is None or router is None or reading is None or not suggesting.shelf.suggestions:
        return None
    if reading.for_us >= hub.world.thresholds.for_us:
        return None
    routed = await router.routed(request.text)
    if not routed.to(Skill.SUGGEST):
        return None
    said = fold(request.text)
    if _ENOUGH.search(said):
        text, verb = silence(hub, suggesting, 7 if _A_WEEK.search(said) else None), "silence"
    else:
        text, verb = tell_best(hub, suggesting, request.site), "tell"
    content: dict[str, Any] = {**as_json(routed), "skill": "suggestions", "verb": verb}
    await hub.journal.note(request.trace, "skill", content)
    return _reply(hub, request, Status.ANSWERED, text)


async def _called(hub: Hub, request: Request, call: SkillCall) -> Reply:
    suggesting = hub.suggesting
    if call.skill == "suggestions" and suggesting is not None:
        try:
            text = await _suggestions(hub, suggesting, call)
        except SuggestionError as error:
            return _reply(hub, request, Status.REFUSED, str(error))
        return _reply(hub, request, Status.ANSWERED, text)
    return _reply(hub, request, Status.REFUSED, f"There is no skill {call.skill} here.")


async def _suggestions(hub: Hub, suggesting: Suggesting, call: SkillCall) -> str:
    key = _text(call, "id")
    match call.verb:
        case "accept" if key is not None:
            return accept(hub, suggesting, key, _text(call, "at"))
        case "decline" if key is not None:
            return decline(hub, suggesting, key)
        case "silence":
            days = call.data.get("days")
            whole = isinstance(days, int) and not isinstance(days, bool) and 0 < days <= 3650
            if days is not None and not whole:
                raise SuggestionError("days must be a whole number from 1 to 3650.")
            return silence(hub, suggesting, days)
        case "mine":
            await mine_now(hub, suggesting)
            number = len(suggesting.shelf.suggestions)
            return f"{number} suggestions; `hearthd suggestions list` shows them."
    raise SuggestionError(f"suggestions cannot {call.verb}, or `data.id` is missing.")


def _text(call: SkillCall, key: str) -> str | None:
    value = call.data.get(key)
    return value if isinstance(value, str) else None


async def _answered_offer(hub: Hub, request: Request, reading: Reading | None) -> Reply | None:
    """A yes or no to the suggestion that was just told, where no other question is open."""
    suggesting = hub.suggesting
    if suggesting is None or reading is None or len(reading.clauses) != 1:
        return None
    conversation = hub.world.conversations.get(request.session, Conversation())
    offer = open_offer(suggesting, request.site, hub.clock.now())
    if offer is None or conversation.challenge is not None or conversation.choices:
        return None
    language = request.language or hub.world.language
    verb = _yes_or_no(reading, language)
    if verb is None or reading.for_us < hub.world.thresholds.least(language):
        return None
    content: dict[str, Any] = {"skill": "suggestions", "verb": verb, "id": offer.id}
    await hub.journal.note(request.trace, "skill", content)
    try:
        text = (accept if verb == "accept" else decline)(hub, suggesting, offer.id)
    except SuggestionError as error:
        return _reply(hub, request, Status.FAILED, str(error))
    return _reply(hub, request, Status.ANSWERED, text)


def _yes_or_no(reading: Reading, language: str) -> str | None:
    intent, words = reading.clauses[0].intent, lexicon(language)
    said = plain(reading.text)
    if intent == "HassConfirm" and not words.apart(plain(words.without("yes", said))).split():
        return "accept"
    if intent == "HassNevermind" and len(said.split()) <= _SHORT:
        return "decline"
    return None


def _reply(hub: Hub, request: Request, status: Status, text: str) -> Reply:
    language = request.language or hub.world.language
    return Reply(id=request.id, status=status, text=text, language=language, trace=request.trace)
