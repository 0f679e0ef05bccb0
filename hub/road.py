"""The road: the one composition of all stages. The hub and `rehearse` both travel it.

understand -> ground -> permit -> act -> respond, each noted under the request's trace.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from devices.home import Home
from edge.tasks.understanding_schema import Reading
from hub.as_json import plan_as_json, reading_as_json
from hub.confirm import challenge_for
from hub.dialogue import Conversation, after
from hub.languages.spoken import spoken_language
from hub.permit import Given, permit
from hub.pin_guard import Ruling, Verdict
from hub.planning import planned
from hub.policy import Consent, Source
from hub.respond import reply_text
from hub.routine import unattended
from hub.taught import TaughtReading, as_taught
from hub.values import Answer, Outcome, Plan, Request, Status, StepOutcome
from hub.world import World

CONVERSATIONS = 1000
"""Sessions that are remembered; a sender can name as many as he likes."""


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
    if request.language != language:
        request = replace(request, language=language)
    home = world.house.home()
    if reading is not None:
        await world.scribe.note(request.trace, "understood", reading_as_json(reading))
    understood = time.perf_counter()
    ruling = await _judged(request, world)
    if ruling is not None and ruling.verdict is not Verdict.RIGHT:
        plan, asked = _wrong_pin(ruling), None  # what waits for a yes goes on waiting
    else:
        plan, consent = await planned(request, reading, conversation, home, world)
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
