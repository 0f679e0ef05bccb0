"""The hub as a process: creates the long-lived things in one place and lets commands travel.

Receive -> journal -> acknowledge -> travel the road -> journal the reply -> reply. States, timers
and schedules run beside it in one task group; when one of them breaks, the hub stops and says why.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from devices.home import Area, EntityState, Floor
from devices.homefile import object_id
from devices.registry import Registry
from devices.registry_values import Owner
from devices.services import Publish
from edge.serving import understanding_opener
from edge.sessions import SessionOptions, SessionPool, give_back_memory, return_large_blocks
from hub import fault_log
from hub.act import Actuation
from hub.allowance import Allowance
from hub.automations.running import begin_automations, keep_automating
from hub.automations.settings import place_of
from hub.clock import SystemClock
from hub.collecting import collecting_in_steps, keep_collecting
from hub.commands import listen_to_commands, reject
from hub.config import Settings, models_folder
from hub.habits.suggesting import begin_suggesting, keep_mining
from hub.history import flush, keep_history
from hub.house_rules import known_pins, policy_of
from hub.hub import Hub, announce
from hub.intake import Intake, Rejected
from hub.journal import Journal, StoredRequest, StoredStep
from hub.knowledge import Knowledge
from hub.languages import lexicon
from hub.library import Library
from hub.loop_stall import watch_loop
from hub.metrics import exported
from hub.model_news import announcing, read_with, spoken, thresholds_of
from hub.mqtt import Session
from hub.pin_guard import PinGuard
from hub.reader import InstalledReader, open_reader
from hub.recovery import recover
from hub.retention import keep_forgetting
from hub.routing import Router
from hub.service_manager import notify, show_life
from hub.states import listen_to_states, redeliver, settle
from hub.stores import OWN_LISTS
from hub.support import Support
from hub.taught import Taught, taught_in
from hub.timekeeping import keep_time, stores_from
from hub.topics import Topics
from hub.translation import Interpreter, Translators
from hub.translation.interpreter import Agreed
from hub.values import Request
from hub.world import World
from hub.writing.desk import desk_for
from hub.writing.reports import keep_reporting

CLOSING_SECONDS = 3.0
"""How long commands on their way are waited for at the end; all must be over within 5 s."""
SWITCH_INTERVAL = 0.0002
"""Seconds. With the default, a busy loop starves the inference thread of the GIL (see FACTS)."""


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
    """Run until cancelled; then let what is on its way arrive, for a moment.

    Raises `BrokerError`, `EdgeError`, `JournalError` or `ConfigurationError` at start.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    return_large_blocks()
    directory = settings.storage.directory
    async with Journal(directory / "journal.db") as journal, SessionPool(1) as pool:
        reader = await asyncio.to_thread(_open_reader, settings, pool)
        model = reader.model
        taught = await asyncio.to_thread(taught_in, settings.house.sentences)
        for language in spoken(settings.house, tuple(model.manifest.languages)):
            await asyncio.to_thread(lexicon, language)  # made once; the loop must not wait for it
        hub = await _assemble(settings, journal, reader, taught)
        left = await journal.unanswered()
        with exported(hub, settings), closing(reader):
            try:
                await _live(hub, left, reader, ready)
            finally:
                if hub.desk.model is not None:
                    await hub.desk.model.close()


async def _live(
    hub: Hub,
    left: Sequence[tuple[StoredRequest, list[StoredStep]]],
    reader: InstalledReader,
    ready: asyncio.Event | None,
) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(hub.session.run(), name="mqtt session")
        await hub.session.wait_connected(30)
        group.create_task(listen_to_commands(hub, group), name="commands")
        group.create_task(listen_to_states(hub), name="states")
        await settle(hub)
        await recover(hub, left, group)
        hub.settled.set()
        group.create_task(redeliver(hub), name="redelivery")
        group.create_task(keep_time(hub, group), name="timers and schedules")
        automations = await begin_automations(hub)
        group.create_task(keep_automating(hub, automations, group), name="automations")
        suggesting = await begin_suggesting(hub)
        group.create_task(keep_mining(hub, suggesting), name="habits")
        group.create_task(keep_history(hub), name="history")
        group.create_task(keep_reporting(hub), name="reports")
        group.create_task(keep_forgetting(hub), name="retention")
        group.create_task(reader.keep_current(), name="models")
        group.create_task(show_life(), name="watchdog")
        group.create_task(watch_loop(hub.stall), name="loop stall")
        if hub.journal.moved_aside:
            announce(hub, "journal", {"moved_aside": hub.journal.moved_aside})
        group.create_task(keep_collecting(lambda: hub.travelling > 0), name="collection")
        with collecting_in_steps():
            give_back_memory()
            if ready is not None:
                ready.set()
            notify("READY=1")
            await _until_cancelled(hub)


async def _until_cancelled(hub: Hub) -> None:
    """Then take no more commands, and wait for those that are on their way."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        hub.closing = True
        notify("STOPPING=1")
        for _ in range(round(CLOSING_SECONDS / 0.02)):
            if not hub.travelling:
                break
            await asyncio.sleep(0.02)
        flush(hub)
        raise


def _open_reader(settings: Settings, pool: SessionPool) -> InstalledReader:
    options = SessionOptions(intra_op_threads=settings.model.threads)
    keys = settings.models.trusted_keys
    open_one = understanding_opener(keys, pool, options)
    return open_reader(models_folder(), keys, open_one, settings.model.artefact)


async def _assemble(
    settings: Settings, journal: Journal, reader: InstalledReader, taught: Taught | None
) -> Hub:
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
    stores = stores_from(await journal.recall("stores"))

    def publish(message: Publish) -> bool:
        return session.publish(message.topic, message.payload, message.qos, message.retain)

    actuation = Actuation(registry, journal, publish, clock, stores)
    thresholds = thresholds_of(settings, reader.model)
    knowledge = Knowledge(settings.storage.directory)
    library = Library(knowledge)
    world = World(
        reader, _House(registry), _Actuator(actuation), journal, clock,
        policy_of(settings), thresholds, settings.house.language,
        spoken(settings.house, thresholds.languages), stores,
        pins=await _pin_guard(settings, journal),
        taught=taught,
        library=library,
        support=Support(
            library,
            lambda visits: journal.remember("support", visits),
            await journal.recall("support"),
        ),
        interpreter=_interpreter(settings),
        router=Router(knowledge.encoder),
        place=place_of(settings),
    )  # fmt: skip
    age = timedelta(seconds=settings.policy.command_seconds)
    intake = Intake(topics, _site_areas(settings), age, spoken_pins=world.pins is not None)
    section = settings.policy
    allowance = Allowance(section.commands_per_second, section.commands_burst)
    hub = Hub(
        settings, topics, registry, journal, session, actuation, clock, intake, world, allowance,
        desk_for(settings),
    )  # fmt: skip
    reader.changed = lambda model: read_with(hub, model)
    reader.tell = announcing(hub)
    journal.on_damage = lambda name: announce(hub, "journal", {"moved_aside": name})
    actuation.announce = lambda kind, content: announce(hub, kind, content)
    session.on_lost = lambda why: fault_log.write("broker_lost", reason=why)
    session.inbox.refused = lambda message: reject(
        hub, message, Rejected("too many commands at once; say it again in a moment")
    )
    return hub


def _interpreter(settings: Settings) -> Interpreter:
    section = settings.translation
    people = {name.lower(): language for name, language in section.people.items()}
    agreed = Agreed(people, section.glossary, settings.house.language.partition("-")[0])
    return Interpreter(Translators(models_folder(), settings.models.trusted_keys), agreed)


async def _pin_guard(settings: Settings, journal: Journal) -> PinGuard | None:
    known = known_pins(settings)
    if not known:
        return None
    section = settings.policy

    async def keep(guesses: Mapping[str, Any]) -> None:
        await journal.keep("pin_guesses", guesses)

    kept = await journal.recall("pin_guesses")
    return PinGuard(known, keep, kept, section.pin_tries, section.pin_lock_seconds)


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
    vendors = {login: tuple(vendor.topics) for login, vendor in settings.vendors.items()}
    return Owner(floors, areas, overrides, vendors)


def _site_areas(settings: Settings) -> dict[str, str]:
    return {site: object_id(area) for site, area in settings.sites.items()}
