"""The road: the one composition of all stages. The hub and `rehearse` both travel it.

understand -> ground -> permit -> act -> respond, each noted under the request's trace.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from devices import behaviour
from devices.domains import InvalidServiceCall
from devices.home import Home
from edge.tasks.understanding_schema import Reading
from hub.dialogue import Conversation, after, answer_to_question, confirmed
from hub.ground.context import Context
from hub.ground.sentence import Thresholds, ground
from hub.languages import lexicon
from hub.permit import Policy, permit
from hub.ports import Actuator, Clock, House, Reader, Scribe
from hub.respond import reply_text
from hub.stores import Stores
from hub.values import Action, Answer, Outcome, Plan, Request, Status, StepOutcome


@dataclass(slots=True)
class World:
    """The ports of one hub, and what changes as conversations go on."""

    reader: Reader
    house: House
    actuator: Actuator
    scribe: Scribe
    clock: Clock
    policy: Policy = field(default_factory=Policy)
    thresholds: Thresholds = field(default_factory=Thresholds)
    language: str = "en"
    stores: Stores = field(default_factory=Stores)
    conversations: dict[str, Conversation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Travelled:
    """What a request came to. `challenge` is set when a confirmation is asked for."""

    outcome: Outcome
    text: str
    language: str
    challenge: str | None
    reading: Reading | None
    ms: Mapping[str, float]


_EMPTY_READING = Reading("", 0.0, (), ())


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


async def understand(request: Request, world: World) -> Reading | None:
    """What the words say; None for a request without words. Raises `EdgeError`."""
    if request.call is not None or request.challenge is not None:
        return None
    return await world.reader.read(request.text)


async def prepare(request: Request, world: World, reading: Reading | None = None) -> Prepared:
    """Understand (unless it was `reading` already), ground, permit, and remember the turn.

    Requests of one session must be prepared one after the other; they may be finished together.
    Raises `EdgeError`.
    """
    started = time.perf_counter()
    reading = reading or await understand(request, world)
    conversation = world.conversations.get(request.session, Conversation())
    home = world.house.home()
    if reading is not None:
        await world.scribe.note(request.trace, "understood", describe(reading))
    understood = time.perf_counter()
    plan, agreed = _plan(request, reading, conversation, home, world)
    policy = replace(world.policy, permissive=True) if agreed else world.policy
    plan = permit(plan, home, policy)
    await world.scribe.note(request.trace, "planned", describe_plan(plan))
    hoped = Outcome(plan, plan.status, tuple(StepOutcome(a, Status.DONE) for a in plan.actions))
    seconds = world.policy.challenge_seconds
    conversation = after(conversation, request.text, hoped, world.clock.now(), seconds)
    world.conversations[request.session] = conversation
    asked = conversation.challenge if plan.status is Status.CONFIRM else None
    ms = {
        "understand": round((understood - started) * 1000, 3),
        "ground": round((time.perf_counter() - understood) * 1000, 3),
    }
    language = request.language or world.language
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


def _plan(
    request: Request,
    reading: Reading | None,
    conversation: Conversation,
    home: Home,
    world: World,
) -> tuple[Plan, bool]:
    """The plan, and whether its danger has been agreed to."""
    now = world.clock.now()
    language = request.language or world.language
    words = lexicon(language)
    agreed = confirmed(conversation, reading, request.challenge, now, words)
    if agreed is not None:
        return replace(agreed, status=Status.DONE, answers=()), True
    if request.challenge is not None:
        refusal = Answer("", text="That confirmation is not valid, or not any more.")
        return Plan(Status.REFUSED, answers=(refusal,)), False
    if request.call is not None:
        return plan_for_call(request, home), False
    assert reading is not None
    chosen = answer_to_question(conversation, reading, now, words)
    if chosen is not None:
        return chosen, False
    context = Context(
        now,
        request.area,
        language,
        conversation.previous,
        conversation.choices,
        tuple(world.stores.timers.values()),
        tuple(waiting.view for waiting in world.stores.schedules.values()),
        {"clause": conversation.clause},
    )
    return ground(reading, home, context, world.thresholds), False


def plan_for_call(request: Request, home: Home) -> Plan:
    """The plan for a service that was named directly."""
    call = request.call
    assert call is not None
    entity = home.entities.get(call.entity_id)
    if entity is None:
        refusal = Answer("", text=f"There is no entity {call.entity_id}.")
        return Plan(Status.REFUSED, answers=(refusal,))
    state = home.state(entity.id)
    try:
        expect = behaviour.expected(entity, state, call)
        behaviour.effect(entity, state, call)
    except InvalidServiceCall as error:
        return Plan(Status.REFUSED, answers=(Answer("", text=f"{error}."),))
    return Plan(
        Status.DONE, actions=(Action(call, expect, behaviour.inverse(entity, state, call)),)
    )


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


def describe(reading: Reading) -> dict[str, Any]:
    """A reading as JSON, for the journal and for explanations."""
    return {
        "for_us": round(reading.for_us, 4),
        "clauses": [
            {
                "text": clause.text,
                "intents": [[s.label, round(s.confidence, 4)] for s in clause.intents],
                "attributes": {
                    name: [s.label, round(s.confidence, 4)]
                    for name, s in clause.attributes.items()
                    if s.label != "none"
                },
                "spans": [
                    {"slot": s.slot, "text": s.text, "start": s.start, "end": s.end,
                     "confidence": round(s.confidence, 4)}
                    for s in clause.spans
                ],
            }
            for clause in reading.clauses
        ],
    }  # fmt: skip


def describe_plan(plan: Plan) -> dict[str, Any]:
    """A plan as JSON."""
    return {
        "status": str(plan.status),
        "frames": [
            {"intent": f.intent, "slots": dict(f.slots), "confidence": f.confidence}
            for f in plan.frames
        ],
        "actions": [
            {
                "entity_id": a.call.entity_id,
                "service": a.call.service,
                "data": dict(a.call.data),
            }
            for a in plan.actions
        ],
        "effects": [{"effect": str(e.effect), "data": dict(e.data)} for e in plan.effects],
        "choices": [choice.label for choice in plan.choices],
        "said": [answer.text for answer in plan.answers if answer.text],
    }
