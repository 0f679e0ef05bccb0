"""The hub as a process: creates the long-lived things in one place and lets commands travel.

Receive -> journal -> acknowledge -> travel the road -> journal the reply -> reply. States, timers
and schedules run beside it in one task group; when one of them breaks, the hub stops and says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from devices.home import Area, EntityState, Floor
from devices.homefile import object_id
from devices.payload import PayloadError, decode_json, encode_json
from devices.registry import Owner, Registry
from devices.services import Publish, ServiceCall
from edge.errors import EdgeError
from edge.sessions import SessionOptions, SessionPool
from edge.tasks.understand import UnderstandingModel, load_understanding
from edge.tasks.understanding_schema import Reading
from hub.act import Actuation, satisfies, stores_as_json
from hub.clock import SystemClock
from hub.config import Settings
from hub.ground.context import ScheduleView, TimerView
from hub.ground.sentence import Thresholds
from hub.intake import Intake, Rejected, read_message
from hub.journal import Journal, JournalError, StoredRequest, StoredStep, retention_limit
from hub.messages import ActionReport, Event, Reply
from hub.mqtt import Message, Session
from hub.permit import Policy, is_dangerous
from hub.road import Travelled, World, finish, prepare, understand
from hub.stores import OWN_LISTS, Scheduled, Stores
from hub.topics import Topics
from hub.values import Request, Status

SWITCH_INTERVAL = 0.0002
"""Seconds. With the default, a busy loop starves the inference thread of the GIL (see FACTS)."""
AT_ONCE = 100
"""Commands that travel at the same time: most of them wait for their device."""


@dataclass(slots=True)
class Hub:
    """Everything that lives as long as the process."""

    settings: Settings
    topics: Topics
    registry: Registry
    journal: Journal
    session: Session
    actuation: Actuation
    clock: SystemClock
    intake: Intake
    world: World
    counters: dict[str, int] = field(default_factory=dict)
    locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    limit: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))


@dataclass(frozen=True, slots=True)
class _House:
    registry: Registry

    def home(self) -> Any:
        return self.registry.home()


@dataclass(slots=True)
class _Actuator:
    """The road's port to the actuation; keeps the world's stores in step with it."""

    actuation: Actuation

    async def perform(self, request: Request, actions: Any, effects: Any) -> Any:
        return await self.actuation.perform(request, actions, effects)


async def run_hub(settings: Settings, ready: asyncio.Event | None = None) -> None:
    """Run until cancelled. Raises `BrokerError`, `EdgeError` or `JournalError` at start."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    directory = settings.storage.directory
    async with Journal(directory / "journal.db") as journal, SessionPool(1) as pool:
        model = await asyncio.to_thread(_load_model, settings, pool)
        hub = await _assemble(settings, journal, model)
        async with asyncio.TaskGroup() as group:
            group.create_task(hub.session.run(), name="mqtt session")
            await hub.session.wait_connected(30)
            await _settle(hub)
            group.create_task(_listen_to_states(hub), name="states")
            await _recover(hub)
            group.create_task(_listen_to_commands(hub, group), name="commands")
            group.create_task(_keep_time(hub, group), name="timers and schedules")
            if journal.moved_aside:
                _event(hub, "journal", {"moved_aside": journal.moved_aside})
            gc.freeze()  # what lives as long as the process need not be looked through again
            if ready is not None:
                ready.set()


def _load_model(settings: Settings, pool: SessionPool) -> UnderstandingModel:
    options = SessionOptions(intra_op_threads=settings.model.threads)
    return load_understanding(settings.model.artefact, pool, options)


async def _assemble(settings: Settings, journal: Journal, model: UnderstandingModel) -> Hub:
    topics = Topics(settings.broker.topic_prefix)
    registry = Registry(_owner(settings), settings.discovery.prefix)
    for topic, payload, publisher in await journal.discovery():
        registry.discovered(topic, payload, publisher)
    lists = []
    for entity in OWN_LISTS:
        items = await journal.recall(f"list:{entity.id}") or []
        count = sum(item["status"] == "needs_action" for item in items)
        lists.append((entity, EntityState(str(count), {"items": items})))
    registry.add_own(lists)
    session = Session(settings.broker, topics.status, topics.commands, topics.replies)
    clock = SystemClock(settings.house.time_zone)
    stores = _stores_from(await journal.recall("stores"))

    def publish(message: Publish) -> bool:
        return session.publish(message.topic, message.payload, message.qos, message.retain)

    actuation = Actuation(registry, journal, publish, clock, stores)
    threshold = settings.model.for_us_threshold
    thresholds = Thresholds(model.settings.for_us_threshold if threshold is None else threshold)
    world = World(
        model, _House(registry), _Actuator(actuation), journal, clock,
        _policy(settings), thresholds, settings.house.language, stores,
    )  # fmt: skip
    age = timedelta(seconds=settings.policy.command_seconds)
    intake = Intake(topics, _site_areas(settings), age)
    hub = Hub(settings, topics, registry, journal, session, actuation, clock, intake, world)
    actuation.announce = lambda kind, content: _event(hub, kind, content)
    session.inbox.refused = lambda message: _reject(
        hub, message, Rejected("too many commands at once; say it again in a moment")
    )
    return hub


def _owner(settings: Settings) -> Owner:
    house = settings.house
    floors = tuple(
        Floor(f.id or object_id(f.name), f.name, tuple(f.aliases), f.level) for f in house.floors
    )
    floor_ids = {f.name: f.id for f in floors}
    areas = tuple(
        Area(
            a.id or object_id(a.name), a.name, tuple(a.aliases),
            floor_ids.get(a.floor or "", a.floor),
        )
        for a in house.areas
    )  # fmt: skip
    overrides = {
        entity_id: override.model_dump(exclude_none=True)
        for entity_id, override in house.entities.items()
    }
    return Owner(floors, areas, overrides)


def _policy(settings: Settings) -> Policy:
    section = settings.policy
    marked = {i for i, override in settings.house.entities.items() if override.dangerous}
    return Policy(
        confirm_entities=frozenset({*section.confirm, *marked}),
        safety_areas=frozenset(section.safety_areas),
        heat_limit_celsius=section.heat_limit_celsius,
        challenge_seconds=section.challenge_seconds,
    )


def _site_areas(settings: Settings) -> dict[str, str]:
    return {site: object_id(area) for site, area in settings.sites.items()}


async def _settle(hub: Hub) -> None:
    """Subscribe, greet, and take in what is retained before the first command."""
    prefix = hub.settings.discovery.prefix
    session = hub.session
    session.subscribe(
        [f"{prefix}/+/+/config", f"{prefix}/+/+/+/config", *hub.registry.subscriptions()]
    )
    session.subscribe([f"{hub.topics.replies}#"])
    session.publish(f"{prefix}/status", b"online")
    deadline = asyncio.get_running_loop().time() + 1.5
    while asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.15)
        if not session.inbox.states and not session.inbox.echoes:
            break
        while session.inbox.states:
            topic = next(iter(session.inbox.states))
            _take_state(hub, session.inbox.states.pop(topic))
        await _take_echoes(hub, list(session.inbox.echoes))
        session.inbox.echoes.clear()
    session.subscribe([hub.topics.commands])


async def _listen_to_states(hub: Hub) -> None:
    async for messages in hub.session.states():
        echoes = [m for m in messages if m.topic.startswith(hub.topics.replies)]
        for message in messages:
            if message not in echoes:
                _take_state(hub, message)
        await _take_echoes(hub, echoes)


def _take_state(hub: Hub, message: Message) -> None:
    prefix = hub.settings.discovery.prefix
    if message.topic.startswith(f"{prefix}/") and message.topic.endswith("/config"):
        _take_discovery(hub, message)
        return
    for change in hub.registry.state_message(message.topic, message.payload, hub.clock.now()):
        hub.actuation.state_changed(change)


async def _take_echoes(hub: Hub, echoes: list[Message]) -> None:
    """Our own replies, back from the broker: they need not be sent again after a crash. Only when
    that is written down may the broker forget them."""
    if not echoes:
        return
    traces = [trace for message in echoes if (trace := _trace_of(message))]
    with contextlib.suppress(JournalError):
        await hub.journal.delivered(traces)
    for message in echoes:
        hub.session.acknowledge(message)


def _trace_of(message: Message) -> str | None:
    try:
        reply = decode_json(message.payload)
    except PayloadError:
        return None
    trace = reply.get("trace") if isinstance(reply, dict) else None
    return trace if isinstance(trace, str) else None


def _take_discovery(hub: Hub, message: Message) -> None:
    change = hub.registry.discovered(message.topic, message.payload)
    if change.rejected:
        _count(hub, "bad_discovery")
        _event(hub, "refused", {"topic": message.topic, "reason": change.rejected})
        return
    for unique_id in change.quarantined:
        reason = hub.registry.quarantine[(message.topic, unique_id)].reason
        _event(hub, "quarantined", {"topic": message.topic, "id": unique_id, "reason": reason})
    hub.session.subscribe(change.subscribe)
    hub.session.unsubscribe(change.unsubscribe)
    if change.added or change.removed or not message.payload:
        hub.journal.keep_discovery(message.topic, message.payload, None)


# --- commands -----------------------------------------------------------------------------------


async def _listen_to_commands(hub: Hub, group: asyncio.TaskGroup) -> None:
    async for message in hub.session.commands():
        await hub.limit.acquire()
        group.create_task(_command(hub, message), name=f"command {message.mid}")


async def _command(hub: Hub, message: Message) -> None:
    try:
        try:
            request = read_message(message, hub.intake, hub.clock.now())
        except Rejected as error:
            hub.session.acknowledge(message)
            _reject(hub, message, error)
            return
        stored = StoredRequest(
            request.trace, request.site, request.id, _kept_text(hub, request), request.received,
            _kept_payload(request), message.response_topic, None,
        )  # fmt: skip
        reading = asyncio.ensure_future(_read(hub, request))  # while the journal writes
        try:
            earlier = await hub.journal.record(stored)
        except JournalError as error:
            reading.cancel()
            _reject(hub, message, Rejected(f"nothing can be written down: {error}", request.id))
            hub.session.acknowledge(message)
            return
        hub.session.acknowledge(message)
        early = await reading
        if earlier is not None:
            if earlier.reply is not None:
                _send_reply(hub, request.site, earlier.reply, message)
            return
        await _travel_and_reply(hub, request, message, early)
    finally:
        hub.limit.release()


async def _read(hub: Hub, request: Request) -> Reading | None:
    """Read ahead; a model's failure is met again, and reported, on the road."""
    try:
        return await understand(request, hub.world)
    except EdgeError:
        return None


def _kept_text(hub: Hub, request: Request) -> str:
    """The sentence as it is kept: what may be a PIN is not."""
    conversation = hub.world.conversations.get(request.session)
    if conversation is not None and conversation.challenge is not None:
        return "(an answer to a confirmation)"
    return request.text


def _kept_payload(request: Request) -> str:
    kept: dict[str, Any] = {
        "text": request.text, "session": request.session, "language": request.language,
        "area": request.area, "user": request.user,
    }  # fmt: skip
    if request.call is not None:
        call = request.call
        kept["call"] = {
            "entity_id": call.entity_id, "service": call.service, "data": dict(call.data),
        }  # fmt: skip
    return json.dumps(kept, ensure_ascii=False)


async def _travel_and_reply(
    hub: Hub, request: Request, message: Message | None, reading: Reading | None = None
) -> None:
    lock = hub.locks.setdefault(request.session, asyncio.Lock())
    try:
        async with lock:
            hub.world.stores = hub.actuation.stores
            prepared = await prepare(request, hub.world, reading)
        travelled = await finish(prepared, hub.world)
    except EdgeError as error:
        await _finish(hub, request, _failed_reply(hub, request, str(error)), message)
        return
    reply = _reply(request, travelled)
    kind = str(travelled.outcome.status)
    _event(hub, kind, {"site": request.site, "id": request.id, "reply": reply.text}, request.trace)
    await _finish(hub, request, reply, message)


async def _finish(hub: Hub, request: Request, reply: Reply, message: Message | None) -> None:
    text = reply.model_dump_json(exclude_none=True)
    if await hub.journal.answer(request.trace, text):
        _send_reply(hub, request.site, text, message)


def _reply(request: Request, travelled: Travelled) -> Reply:
    outcome = travelled.outcome
    return Reply(
        id=request.id,
        status=outcome.status,
        text=travelled.text,
        language=travelled.language,
        actions=[
            ActionReport(
                entity_id=step.action.call.entity_id,
                service=step.action.call.service,
                data=dict(step.action.call.data),
                status=step.status,
                reason=step.reason,
            )
            for step in outcome.steps
        ],
        trace=request.trace,
        challenge=travelled.challenge,
        choices=[choice.label for choice in outcome.plan.choices],
    )


def _failed_reply(hub: Hub, request: Request, reason: str) -> Reply:
    return Reply(
        id=request.id,
        status=Status.FAILED,
        text=reason,
        language=request.language or hub.world.language,
        trace=request.trace,
    )


def _send_reply(hub: Hub, site: str, text: str, message: Message | None) -> None:
    topic = message.response_topic if message and message.response_topic else None
    correlation = message.correlation if message else None
    hub.session.publish(topic or hub.topics.reply(site), text.encode(), 1, False, correlation)


def _reject(hub: Hub, message: Message, error: Rejected) -> None:
    _count(hub, "bad_command")
    _event(hub, "refused", {"topic": message.topic[:200], "reason": str(error)})
    site = hub.topics.site_of(message.topic)
    if site is None or message.retain or not message.payload:
        return
    reply = Reply(
        id=error.request_id or "",
        status=Status.REFUSED,
        text=str(error),
        language=hub.world.language,
        trace=uuid4().hex,
    )
    allowed = bool(message.response_topic) and hub.topics.allows_reply(message.response_topic or "")
    answer_to = message if allowed else None
    _send_reply(hub, site, reply.model_dump_json(exclude_none=True), answer_to)


def _event(hub: Hub, kind: str, content: Mapping[str, Any], trace: str | None = None) -> None:
    event = Event(kind=kind, trace=trace, time=hub.clock.now().isoformat(), content=dict(content))
    hub.session.publish(hub.topics.event(kind), encode_json(event.model_dump(exclude_none=True)), 0)


def _count(hub: Hub, counter: str) -> None:
    hub.counters[counter] = hub.counters.get(counter, 0) + 1


# --- after a restart --------------------------------------------------------------------------


async def _recover(hub: Hub) -> None:
    """Every request that was acknowledged and has no final reply gets exactly one.

    Without steps it had done nothing yet: it travels the road now. With steps it may have reached
    its devices: it is never published again, and the devices' own states say what became of it.
    """
    await hub.journal.forget_before(
        retention_limit(hub.clock.now(), hub.settings.storage.retention_days)
    )
    for stored in await hub.journal.undelivered():
        topic = stored.response or hub.topics.reply(stored.site)
        hub.session.publish(topic, (stored.reply or "").encode())
    for stored, steps in await hub.journal.unanswered():
        request = _request_from(stored)
        if not steps:
            age = hub.clock.now() - request.received
            if age > hub.intake.max_age:
                late = "I was not running when you said this, and it is too late now."
                await _finish(hub, request, _failed_reply(hub, request, late), None)
            else:
                await _travel_and_reply(hub, request, None)
            continue
        await _finish(hub, request, _recovered_reply(hub, request, steps), None)


def _recovered_reply(hub: Hub, request: Request, steps: list[StoredStep]) -> Reply:
    home = hub.registry.home()
    reports = []
    for step in steps:
        call = ServiceCall(step.entity_id, step.service, step.data)
        entity = home.entities.get(step.entity_id)
        known = step.status in (Status.DONE, Status.SENT, Status.FAILED)
        status, reason = Status.FAILED, "outcome unknown"
        if known:
            status, reason = Status(step.status), ""
        elif (
            entity is not None
            and step.expect
            and not _dangerous(hub, call)
            and satisfies(home.state(entity.id), step.expect)
        ):
            status, reason = Status.DONE, ""
        reports.append(
            ActionReport(
                entity_id=step.entity_id,
                service=step.service,
                data=dict(step.data),
                status=status,
                reason=reason or None,
            )
        )
    worst = next((r for r in reports if r.status is Status.FAILED), None)
    text = (
        "I was interrupted; outcome unknown. Please look, and say it again if need be."
        if worst
        else "Done."
    )
    return Reply(
        id=request.id,
        status=Status.FAILED if worst else Status.DONE,
        text=text,
        language=request.language or hub.world.language,
        actions=reports,
        trace=request.trace,
    )


def _dangerous(hub: Hub, call: ServiceCall) -> bool:
    return is_dangerous(call, hub.registry.home(), hub.world.policy)


def _request_from(stored: StoredRequest) -> Request:
    kept = json.loads(stored.payload)
    call = kept.get("call")
    return Request(
        id=stored.id,
        trace=stored.trace,
        text=kept.get("text") or "",
        site=stored.site,
        session=kept.get("session") or stored.site,
        received=stored.received,
        language=kept.get("language"),
        area=kept.get("area"),
        user=kept.get("user"),
        call=ServiceCall(call["entity_id"], call["service"], call["data"]) if call else None,
    )


# --- timers and schedules -----------------------------------------------------------------------


async def _keep_time(hub: Hub, group: asyncio.TaskGroup) -> None:
    while True:
        now = hub.clock.now()
        stores = hub.actuation.stores
        due_timers = [t for t in stores.timers.values() if t.paused_left is None and t.due <= now]
        due = [s for s in stores.schedules.values() if s.view.due is not None and s.view.due <= now]
        for timer in due_timers:
            _event(hub, "timer", {"id": timer.id, "name": timer.name, "area": timer.area})
        if due_timers or due:
            hub.actuation.stores = _advanced(stores, due_timers, due, now)
            hub.world.stores = hub.actuation.stores
            hub.journal.remember("stores", stores_as_json(hub.actuation.stores))
        for scheduled in due:
            group.create_task(_fire(hub, scheduled, now), name=f"schedule {scheduled.view.id}")
        await asyncio.sleep(0.25)


def _advanced(
    stores: Stores, timers: list[TimerView], due: list[Scheduled], now: datetime
) -> Stores:
    gone = {timer.id for timer in timers}
    schedules = dict(stores.schedules)
    for scheduled in due:
        following = _next_due(scheduled.view, now)
        if following is None:
            schedules.pop(scheduled.view.id, None)
        else:
            view = replace(scheduled.view, due=following)
            schedules[view.id] = replace(scheduled, view=view)
    return Stores({k: v for k, v in stores.timers.items() if k not in gone}, schedules)


_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _next_due(view: ScheduleView, now: datetime) -> datetime | None:
    """The next time of a repeating schedule (RFC 5545: daily, or weekly on days)."""
    if view.repeat is None or view.due is None:
        return None
    _, _, days = view.repeat.partition("BYDAY=")
    allowed = days.split(",") if days else list(_DAYS)
    due = view.due + timedelta(days=1)
    while due <= now or _DAYS[due.weekday()] not in allowed:
        due += timedelta(days=1)
    return due


async def _fire(hub: Hub, scheduled: Scheduled, now: datetime) -> None:
    due = scheduled.view.due
    if due is not None and now - due > timedelta(minutes=5):
        content = {"text": scheduled.view.text, "due": due.isoformat()}
        _event(hub, "schedule_missed", content)
        return
    calls = [ServiceCall(c["entity_id"], c["service"], c["data"]) for c in scheduled.calls]
    requests: list[tuple[str, ServiceCall | None]] = (
        [(scheduled.view.text, None)] if scheduled.rerun else [("", call) for call in calls]
    )
    for text, call in requests:
        key = uuid4().hex
        request = Request(
            id=key, trace=key, text=text, site=scheduled.site, session=f"schedule-{key}",
            received=datetime.now(UTC), area=hub.intake.site_areas.get(scheduled.site), call=call,
        )  # fmt: skip
        stored = StoredRequest(
            key, request.site, key, text, request.received, _kept_payload(request), None, None
        )
        await hub.journal.record(stored)
        await _travel_and_reply(hub, request, None)


def _stores_from(raw: Any) -> Stores:
    if not isinstance(raw, dict):
        return Stores()
    timers = {
        t["id"]: TimerView(
            t["id"], t["name"], t["area"], t["length"], datetime.fromisoformat(t["due"]),
            t["paused_left"],
        )
        for t in raw.get("timers", ())
    }  # fmt: skip
    schedules = {}
    for s in raw.get("schedules", ()):
        due = datetime.fromisoformat(s["due"]) if s["due"] else None
        view = ScheduleView(s["id"], s["text"], due, s["repeat"])
        schedules[s["id"]] = Scheduled(view, s["site"], tuple(s["calls"]), s["rerun"])
    return Stores(timers, schedules)
