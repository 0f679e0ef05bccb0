"""The road: the one composition of all stages. The hub and `rehearse` both travel it.

understand -> ground -> permit -> act -> respond, each noted under the request's trace.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from devices.home import Home
from edge.tasks.understanding_schema import Reading
from hub.as_json import plan_as_json, reading_as_json
from hub.automations.moments import Place
from hub.confirm import challenge_for, changed_since, is_yes
from hub.dialogue import Conversation, after, answer_to_question
from hub.ground.context import Context
from hub.ground.sentence import Thresholds, ground
from hub.languages import lexicon, phrase
from hub.languages.spoken import spoken_language
from hub.library import (
    Library,
    asks_how,
    may_be_looked_up,
    may_be_told_otherwise,
    plan_to_say,
)
from hub.library import describe as describe_answer
from hub.permit import Given, permit
from hub.pin_guard import Ruling, Verdict
from hub.policy import Consent, Policy, Source
from hub.ports import Actuator, Clock, House, PinJudge, Reader, Scribe
from hub.respond import reply_text
from hub.routine import plan_for_call, plan_for_routine, unattended
from hub.routing.router import CERTAIN, Router, Skill, how_to_put_it
from hub.routing.router import as_json as describe_route
from hub.stores import Stores
from hub.support import Support
from hub.taught import Taught, TaughtReading, as_taught
from hub.translation import Interpreter
from hub.values import Answer, Outcome, Plan, Request, Status, StepOutcome

CONVERSATIONS = 1000
"""Sessions that are remembered; a sender can name as many as he likes."""


@dataclass(slots=True)
class World:
    """The ports of one hub, and what changes as conversations go on. `languages` are those that
    people speak here: a request that does not say its own is in one of them, else in `language`.
    `place` is where the house is, if that is known."""

    reader: Reader
    house: House
    actuator: Actuator
    scribe: Scribe
    clock: Clock
    policy: Policy = field(default_factory=Policy)
    thresholds: Thresholds = field(default_factory=Thresholds)
    language: str = "en"
    languages: tuple[str, ...] = ()
    stores: Stores = field(default_factory=Stores)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    pins: PinJudge | None = None
    taught: Taught | None = None
    library: Library | None = None
    support: Support | None = None
    interpreter: Interpreter | None = None
    router: Router | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Travelled:
    """What a request came to. `challenge` is set when a confirmation is asked for."""

    outcome: Outcome
    text: str
    language: str
    challenge: str | None
    reading: Reading | None
    ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that is read, planned and permitted, and not yet acted on."""

    request: Request
    plan: Plan
    home: Home
    language: str
    challenge: str | None
    reading: Reading | None
    started: float
    ms: Mapping[str, float]


async def travel(request: Request, world: World) -> Travelled:
    """Take a request from words to reply. Raises `EdgeError` only if the model itself fails."""
    return await finish(await prepare(request, world), world)


def language_of(request: Request, reading: Reading | None, world: World, usual: str) -> str:
    """The language of a request: as it says, as its taught phrase has it, or as its words do; where
    they say little, the `usual` one of the conversation."""
    if request.language is not None:
        return request.language
    if isinstance(reading, TaughtReading):
        return reading.language
    if world.languages and usual not in world.languages:
        usual = world.languages[0]
    found = reading.languages if reading is not None else ()
    return spoken_language(found, world.languages, usual)


async def understand(request: Request, world: World) -> Reading | None:
    """What the words say; None for a request without words. Raises `EdgeError`."""
    only_a_pin = request.pin is not None and not request.text
    named = request.call or request.routine or request.skill
    if named is not None or request.challenge is not None or only_a_pin:
        return None
    if world.taught is not None:
        match = world.taught.match(request.text, world.house.home(), request.language)
        if match is not None and match.reading is not None:
            return match.reading
        if match is not None and match.meant is not None:
            return as_taught(await world.reader.read(match.meant), match.phrase)
    return await world.reader.read(request.text)


async def prepare(request: Request, world: World, reading: Reading | None = None) -> Prepared:
    """Understand (unless it was `reading` already), ground, permit, and remember the turn.

    Requests of one session must be prepared one after the other; they may be finished together.
    Raises `EdgeError`.
    """
    started = time.perf_counter()
    reading = reading or await understand(request, world)
    conversation = world.conversations.get(request.session, Conversation())
    usual = conversation.language or world.language
    language = language_of(request, reading, world, usual)
    request = replace(request, language=language)
    home = world.house.home()
    if reading is not None:
        await world.scribe.note(request.trace, "understood", reading_as_json(reading))
    understood = time.perf_counter()
    ruling = await _judged(request, world)
    if ruling is not None and ruling.verdict is not Verdict.RIGHT:
        plan, asked = _wrong_pin(ruling), None  # what waits for a yes goes on waiting
    else:
        plan, consent = await _planned(request, reading, conversation, home, world)
        plan = permit(plan, home, world.policy, _given(request, consent, ruling, world))
        if request.routine is not None:
            plan = unattended(plan, request.site)
        conversation = _remembered(conversation, request, plan, home, world)
        _remember(world, request.session, replace(conversation, language=language))
        asked = conversation.challenge if plan.status is Status.CONFIRM else None
    await world.scribe.note(request.trace, "planned", plan_as_json(plan))
    ms = {
        "understand": round((understood - started) * 1000, 3),
        "ground": round((time.perf_counter() - understood) * 1000, 3),
    }
    token = asked.token if asked else None
    return Prepared(request, plan, home, language, token, reading, started, ms)


async def finish(prepared: Prepared, world: World) -> Travelled:
    """Act, and put the outcome into words."""
    outcome = await _act(prepared.request, prepared.plan, world)
    text = reply_text(outcome, prepared.home, prepared.language)
    total = round((time.perf_counter() - prepared.started) * 1000, 3)
    return Travelled(
        outcome,
        text,
        prepared.language,
        prepared.challenge,
        prepared.reading,
        {**prepared.ms, "total": total},
    )


def _remember(world: World, session: str, conversation: Conversation) -> None:
    """Keep a conversation; the one that was silent longest is forgotten for it."""
    world.conversations.pop(session, None)
    world.conversations[session] = conversation
    if len(world.conversations) > CONVERSATIONS:
        del world.conversations[next(iter(world.conversations))]


async def _judged(request: Request, world: World) -> Ruling | None:
    """What became of the request's PIN; None where there is none to judge."""
    if request.pin is None or world.pins is None:
        return None
    now = world.clock.now()
    ruling = await world.pins.rule(request.site, request.user, request.pin, now)
    found = {"verdict": ruling.verdict.value, "tries_left": ruling.tries_left}
    await world.scribe.note(request.trace, "pin", found)
    return ruling


def _wrong_pin(ruling: Ruling) -> Plan:
    if ruling.verdict is Verdict.LOCKED:
        minutes = -(-ruling.seconds // 60)
        said = f"There were too many wrong PINs. Try again in {minutes} minutes."
    else:
        said = f"That is not the PIN. {ruling.tries_left} tries are left."
    return Plan(Status.REFUSED, answers=(Answer("", text=said),))


def _given(request: Request, consent: Consent, ruling: Ruling | None, world: World) -> Given:
    person = ruling.person if ruling else None
    if ruling is not None:
        consent = Consent.PIN
    return Given(Source(request.site, person, world.clock.now()), consent, request.agreed)


def _remembered(
    conversation: Conversation, request: Request, plan: Plan, home: Home, world: World
) -> Conversation:
    """The conversation after this turn, should all actions work."""
    now = world.clock.now()
    hoped = Outcome(plan, plan.status, tuple(StepOutcome(a, Status.DONE) for a in plan.actions))
    challenge = None
    if plan.status is Status.CONFIRM:
        challenge = challenge_for(plan, request.site, home, now, world.policy.challenge_seconds)
    return after(conversation, request.text, hoped, now, challenge)


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


async def _planned(
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
        return _plan(request, reading, conversation, home, world)
    language = request.language or world.language
    if conversation.challenge is None and not conversation.choices and world.support is not None:
        helped = await world.support.plan(request, home, world.clock.now(), language)
        if helped is not None:
            return helped, Consent.NONE
    first = asks_how(request.text, language)
    if first and (said := await _looked_up(request, library, language, world)):
        return said, Consent.NONE
    plan, consent = _plan(request, reading, conversation, home, world)
    if not first and may_be_told_otherwise(plan):
        plan = await _routed(request, library, world, home, plan, reading)
    return plan, consent


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
    return plan_to_say(answered) if answered.known or say_unknown else None


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


async def _act(request: Request, plan: Plan, world: World) -> Outcome:
    if plan.status not in (Status.DONE, Status.FAILED):
        return Outcome(plan, plan.status)
    steps: tuple[StepOutcome, ...] = ()
    if plan.actions or plan.effects:
        steps = await world.actuator.perform(request, plan.actions, plan.effects)
    return Outcome(plan, _status(plan, steps), steps)


def _status(plan: Plan, steps: tuple[StepOutcome, ...]) -> Status:
    ends = {step.status for step in steps}
    if plan.status is Status.FAILED or Status.FAILED in ends:
        return Status.FAILED
    return Status.SENT if Status.SENT in ends else Status.DONE
