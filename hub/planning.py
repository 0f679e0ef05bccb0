"""The plan of a request: the house's own, or that of the skill that takes its sentence."""

from __future__ import annotations

from dataclasses import replace

from devices.home import Home
from edge.tasks.understanding_schema import Reading
from hub.confirm import changed_since, is_yes
from hub.dialogue import Conversation, answer_to_question
from hub.ground.context import Context
from hub.ground.sentence import ground
from hub.languages import lexicon, phrase
from hub.library import (
    Library,
    asks_how,
    may_be_looked_up,
    may_be_told_otherwise,
    plan_to_say,
)
from hub.library import describe as describe_answer
from hub.policy import Consent
from hub.remarks import Means, apart
from hub.routine import plan_for_call, plan_for_routine
from hub.routing.router import CERTAIN, Skill, how_to_put_it
from hub.routing.router import as_json as describe_route
from hub.taught import TaughtReading
from hub.values import Answer, Plan, Request, Status
from hub.world import World


async def planned(
    request: Request,
    reading: Reading | None,
    conversation: Conversation,
    home: Home,
    world: World,
) -> tuple[Plan, Consent]:
    """The plan of the house; for a question that it holds back, what the documents say. What is to
    be translated is said and never done."""
    library = world.library
    said_by_owner = isinstance(reading, TaughtReading)
    if world.interpreter is not None and request.text and not said_by_owner:
        busy = conversation.challenge is not None or bool(conversation.choices)
        language = request.language or world.language
        said = await world.interpreter.plan(request, reading, home, language, busy)
        if said is not None:
            return said, Consent.NONE
    if library is None or library.empty or not request.text or said_by_owner:
        return await _without_remarks(request, reading, conversation, home, world)
    language = request.language or world.language
    if conversation.challenge is None and not conversation.choices and world.support is not None:
        helped = await world.support.plan(request, home, world.clock.now(), language)
        if helped is not None:
            return helped, Consent.NONE
    first = asks_how(request.text, language)
    if first and (said := await _looked_up(request, library, language, world)):
        return said, Consent.NONE
    plan, consent = await _without_remarks(request, reading, conversation, home, world)
    if not first and may_be_told_otherwise(plan):
        plan = await _routed(request, library, world, home, plan, reading)
    return plan, consent


async def _without_remarks(
    request: Request,
    reading: Reading | None,
    conversation: Conversation,
    home: Home,
    world: World,
) -> tuple[Plan, Consent]:
    """The plan; where something is remarked beside a wish, that of the wish alone. Raises
    `EdgeError`."""
    plan, consent = _plan(request, reading, conversation, home, world)
    waiting = conversation.challenge is not None or bool(conversation.choices)
    if reading is None or isinstance(reading, TaughtReading) or waiting:
        return plan, consent
    means = Means(
        world.reader.read,
        lambda part, area: _plan(
            replace(request, area=area or request.area), part, conversation, home, world
        )[0],
        home,
        lexicon(request.language or world.language),
        world.thresholds,
        conversation.previous is not None,
    )
    found = await apart(reading, means, plan)
    if found is None:
        return plan, consent
    if not found.remarks:
        return found.plan, consent
    await world.scribe.note(request.trace, "remarks", {"left_out": list(found.remarks)})
    told = {**found.plan.explanation, "remarks": found.remarks}
    return replace(found.plan, explanation=told), consent


def _plan(
    request: Request,
    reading: Reading | None,
    conversation: Conversation,
    home: Home,
    world: World,
) -> tuple[Plan, Consent]:
    """The plan, and what its danger has been answered with."""
    now = world.clock.now()
    challenge = conversation.challenge
    words = lexicon(request.language or world.language)
    if challenge is not None and is_yes(challenge, reading, request, now, words):
        changed = changed_since(challenge, home)
        if changed is None:
            return replace(challenge.plan, status=Status.DONE, answers=()), Consent.YES
        return _refusal(f"{changed} has changed since I asked. Please say it again."), Consent.NONE
    if request.challenge is not None:
        return _refusal(
            phrase("That confirmation is not valid, or not any more.", "expired")
        ), Consent.NONE
    if request.routine is not None:
        return plan_for_routine(request.routine, home), Consent.NONE
    if request.call is not None:
        return plan_for_call(request.call, home), Consent.NONE
    if reading is None:
        return _refusal("There is nothing that waits for a PIN."), Consent.NONE
    return _grounded(request, reading, conversation, home, world), Consent.NONE


async def _routed(
    request: Request,
    library: Library,
    world: World,
    home: Home,
    plan: Plan,
    reading: Reading | None,
) -> Plan:
    """What the skill says that takes a sentence which the house would do nothing about; the house's
    own `plan` where it is for no other. Raises `EdgeError`."""
    language = request.language or world.language
    asked = may_be_looked_up(plan, reading, request.text, language)
    if world.router is None:
        return (asked and await _looked_up(request, library, language, world)) or plan
    routed = await world.router.routed(request.text)
    route = describe_route(routed)
    await world.scribe.note(request.trace, "routed", route)
    lost = plan.status is Status.NOT_UNDERSTOOD
    certain = lost or routed.to(routed.skill, CERTAIN)
    said: Plan | None = None
    if routed.to(Skill.HELP) and world.support is not None:
        now = world.clock.now()
        said = await world.support.plan(request, home, now, language, sure=True)
    if said is None and (routed.to(Skill.HELP) or routed.to(Skill.ANSWER)):
        said = await _looked_up(request, library, language, world, say_unknown=certain)
    elif said is None and asked and (routed.skill is Skill.HOUSE or not routed.to(routed.skill)):
        said = await _looked_up(request, library, language, world)
    elif said is None and lost and routed.to(routed.skill):
        how = how_to_put_it(routed.skill, language)
        said = _refusal(how) if how else None
    said = said or plan
    return replace(said, explanation={**said.explanation, "routed": route})


async def _looked_up(
    request: Request, library: Library, language: str, world: World, say_unknown: bool = False
) -> Plan | None:
    """What the documents say; None where they do not, unless that is to be said too."""
    answered = await library.ask(request.text, language)
    await world.scribe.note(request.trace, "documents", describe_answer(answered))
    return plan_to_say(answered, language) if answered.known or say_unknown else None


def _refusal(why: str) -> Plan:
    return Plan(Status.REFUSED, answers=(Answer("", text=why),))


def _grounded(
    request: Request, reading: Reading, conversation: Conversation, home: Home, world: World
) -> Plan:
    now = world.clock.now()
    language = request.language or world.language
    chosen = answer_to_question(conversation, reading, now, lexicon(language))
    if chosen is not None:
        return chosen
    context = Context(
        now,
        request.area,
        language,
        conversation.previous,
        conversation.choices,
        tuple(world.stores.timers.values()),
        tuple(waiting.view for waiting in world.stores.schedules.values()),
        conversation.recent,
        conversation.offered,
        {"clause": conversation.clause},
        request.user,
        world.place,
    )
    return ground(reading, home, context, world.thresholds)
