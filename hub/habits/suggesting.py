"""Suggestions in the hub: mined at night, told at a fit moment, accepted as automations."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devices.home import Home
from devices.registry_values import StateChange
from devices.services import ServiceCall
from hub.automations.file import AutomationsError, add
from hub.automations.settings import automations_path, place_of
from hub.habits.found import Thing, from_json
from hub.habits.offering import (
    OPEN,
    Shelf,
    State,
    Suggestion,
    answered,
    best,
    offered,
    restocked,
    shelf_as_json,
    shelf_from_json,
    silenced,
    to_offer,
)
from hub.habits.suggestion import automation, sentence
from hub.hub import announce
from hub.permit import Given, needed
from hub.policy import Consent, Source

if TYPE_CHECKING:
    from hub.hub import Hub

MINING_HOUR = 3
MINING_SECONDS = 600.0
LOOK_SECONDS = 30.0


class SuggestionError(ValueError):
    """A suggestion that cannot be answered so. The message is for the person."""


@dataclass(slots=True)
class Suggesting:
    """What the hub keeps of its suggestions; `told` is the one that can be answered now, `site`
    where it came up."""

    shelf: Shelf
    told: Suggestion | None = None
    told_at: datetime | None = None
    site: str | None = None


async def begin_suggesting(hub: Hub) -> Suggesting:
    """Take up what an earlier process left. Raises `JournalError`."""
    found = Suggesting(shelf_from_json(await hub.journal.recall("suggestions")))
    hub.suggesting = found
    return found


async def keep_mining(hub: Hub, suggesting: Suggesting) -> None:
    """Once a night, until cancelled."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        now = hub.clock.now()
        mined = suggesting.shelf.mined
        if now.hour == MINING_HOUR and (mined is None or now - mined > timedelta(hours=12)):
            await mine_now(hub, suggesting)


async def mine_now(hub: Hub, suggesting: Suggesting) -> None:
    """Look for habits, in a process of its own."""
    home, now = hub.registry.home(), hub.clock.now()
    journal = hub.settings.storage.directory / "journal.db"
    things = things_of(home)
    place = place_of(hub.settings)
    task = {
        "things": [_thing_as_json(one) for one in things.values()],
        "zone": hub.settings.house.time_zone or _zone_name(),
        "place": [place.latitude, place.longitude] if place else None,
        "until": now.isoformat(),
    }
    try:
        found = [from_json(raw) for raw in await _in_a_process(journal, task)]
    except (OSError, TimeoutError, ValueError) as error:
        announce(hub, "suggestion", {"failing": str(error)[:300]})
        return
    fresh = [Suggestion(f, sentence(f, things), automation(f, things)) for f in found]
    harmless = [one for one in fresh if _harmless(one, home, hub)]
    _put(hub, suggesting, restocked(suggesting.shelf, harmless, now))


async def _in_a_process(journal: Path, task: Mapping[str, Any]) -> list[dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.habits.mine", str(journal),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(MINING_SECONDS):
            out, wrong = await process.communicate(json.dumps(task).encode())
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        raise ValueError(wrong.decode("utf-8", "replace").strip().splitlines()[-1])
    found: list[dict[str, Any]] = json.loads(out)
    return found


def _zone_name() -> str:
    """The machine's own time zone."""
    link = Path("/etc/localtime")
    parts = link.resolve().parts if link.exists() else ()
    return "/".join(parts[parts.index("zoneinfo") + 1 :]) if "zoneinfo" in parts else "UTC"


def things_of(home: Home) -> dict[str, Thing]:
    """What the miner needs to know of a home."""
    return {
        entity.id: Thing(
            entity.id, entity.name, entity.domain, entity.device_class, entity.area,
            home.areas[entity.area].name if entity.area and entity.area in home.areas else None,
        )
        for entity in home.entities.values()
    }  # fmt: skip


def _thing_as_json(thing: Thing) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in Thing.__dataclass_fields__}


def _harmless(one: Suggestion, home: Home, hub: Hub) -> bool:
    """Whether the gate would let it pass without a yes: nothing else is suggested."""
    given = Given(Source(f"automation:{one.automation['id']}", None, hub.clock.now()))
    calls = [
        ServiceCall(action["target"]["entity_id"], action["action"], action.get("data", {}))
        for action in one.automation["actions"]
    ]
    return all(needed(call, home, hub.world.policy, given) is Consent.NONE for call in calls)


def suggest_after(hub: Hub, change: StateChange) -> None:
    """Tell a suggestion if somebody has just done what one is about."""
    suggesting = hub.suggesting
    acted = hub.actuation.acted(change.entity_id)
    if suggesting is None or change.before.state in (None, change.after.state):
        return
    if acted is not None and acted.site.startswith("automation:"):
        return
    now = hub.clock.now()
    one = to_offer(suggesting.shelf, change.entity_id, str(change.after.state), now)
    if one is None:
        return
    _put(hub, suggesting, offered(suggesting.shelf, one.id, now))
    suggesting.told, suggesting.told_at = one, now
    suggesting.site = acted.site if acted is not None else None
    content = {"id": one.id, "text": one.sentence, "site": suggesting.site, **evidence(one)}
    announce(hub, "suggestion", content)


def evidence(one: Suggestion) -> dict[str, Any]:
    """The numbers behind a suggestion."""
    found = one.found
    return {"support": found.support, "of": found.of, "confidence": found.confidence}


def open_offer(suggesting: Suggesting, site: str, now: datetime) -> Suggestion | None:
    """The suggestion that a yes or no from this site answers now."""
    told, at = suggesting.told, suggesting.told_at
    if told is None or at is None or not timedelta() <= now - at <= OPEN:
        return None
    return told if suggesting.site in (None, site) else None


def accept(hub: Hub, suggesting: Suggesting, key: str, at: str | None = None) -> str:
    """Make a suggestion an automation, at another time if that is said; returns what to say.

    Raises `SuggestionError`.
    """
    one = _known(suggesting, key)
    if one.state is State.ACCEPTED:
        raise SuggestionError("That is done already; `hearthd automations list` shows it.")
    entry = dict(one.automation)
    if at is not None:
        if entry["triggers"][0]["trigger"] != "time":
            raise SuggestionError(
                "It does not happen at a time of day; edit it when it is accepted."
            )
        entry["triggers"] = [{**entry["triggers"][0], "at": at}]
        entry["alias"] = f"{entry['alias'].rpartition(' at about ')[0]} at {at}"
    try:
        added = add(automations_path(hub.settings), entry, one.sentence.partition(" Shall I")[0])
    except AutomationsError as error:
        raise SuggestionError(str(error)) from error
    _put(hub, suggesting, answered(suggesting.shelf, key, State.ACCEPTED))
    suggesting.told = None
    return f"From now on: {added.alias}."


def decline(hub: Hub, suggesting: Suggesting, key: str) -> str:
    """Do not suggest this again; returns what to say. Raises `SuggestionError`."""
    _known(suggesting, key)
    _put(hub, suggesting, answered(suggesting.shelf, key, State.DECLINED))
    suggesting.told = None
    return "All right, I will not suggest that again."


def tell_best(hub: Hub, suggesting: Suggesting, site: str) -> str:
    """The best suggestion, which a yes or no from this site then answers; or that there is none."""
    one = best(suggesting.shelf)
    if one is None:
        return "I have nothing to suggest at the moment."
    now = hub.clock.now()
    _put(hub, suggesting, offered(suggesting.shelf, one.id, now))
    suggesting.told, suggesting.told_at, suggesting.site = one, now, site
    return one.sentence


def silence(hub: Hub, suggesting: Suggesting, days: int | None = None) -> str:
    """Suggest nothing for a while; returns what to say."""
    shelf = silenced(suggesting.shelf, hub.clock.now(), days)
    _put(hub, suggesting, shelf)
    suggesting.told = None
    assert shelf.silent_until is not None
    return f"I will suggest nothing until {shelf.silent_until:%d %B}."


def _known(suggesting: Suggesting, key: str) -> Suggestion:
    one = suggesting.shelf.suggestions.get(key)
    if one is None:
        raise SuggestionError(f"There is no suggestion {key!r}; try `hearthd suggestions list`.")
    return one


def _put(hub: Hub, suggesting: Suggesting, shelf: Shelf) -> None:
    suggesting.shelf = shelf
    hub.journal.remember("suggestions", shelf_as_json(shelf))
