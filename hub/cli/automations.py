"""`hearthd automations`."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.common import CommandFailed, ConfigOption, JsonOption, friendly, print_json
from hub.cli.conversation import client_settings
from hub.config import Settings

app = typer.Typer(no_args_is_help=True, help="What the house does by itself.")
IdArgument = Annotated[str, typer.Argument(help="The automation's id.")]


@app.command("list")
@friendly
def list_automations(json_output: JsonOption = False, config: ConfigOption = None) -> None:
    """All automations, and what came of each last."""
    from hub.automations.file import read_automations
    from hub.automations.settings import automations_path

    settings = client_settings(config)
    path = automations_path(settings)
    last = _last(settings)
    rows: list[dict[str, Any]] = [
        {"id": one.id, "alias": one.alias, "enabled": one.enabled, **last.get(one.id, {})}
        for one in read_automations(path)
    ]
    if json_output:
        print_json(rows)
        return
    if not rows:
        print(f"{path}: no automations yet")
    for row in rows:
        state = "on " if row["enabled"] else "off"
        then = f"  last {row['at'][:16]}: {row['result']}" if "at" in row else ""
        print(f"{state} {row['id']}: {row['alias']}{then}")


def _last(settings: Settings) -> dict[str, dict[str, str]]:
    """What the journal says came of each automation; nothing where no hub has run yet."""
    from hub.journal import JournalError, read_only

    try:
        database = read_only(settings.storage.directory / "journal.db")
    except JournalError:
        return {}
    rows = list(database.query("select value from memory where key = 'automations'"))
    last: dict[str, dict[str, str]] = json.loads(rows[0]["value"])["last"] if rows else {}
    return last


@app.command("show")
@friendly
def show(automation_id: IdArgument, config: ConfigOption = None) -> None:
    """One automation as it stands in the file."""
    from hub.automations.file import shown
    from hub.automations.settings import automations_path

    print(shown(automations_path(client_settings(config)), automation_id))


@app.command("enable")
@friendly
def enable(automation_id: IdArgument, config: ConfigOption = None) -> None:
    """Let an automation run."""
    _set(automation_id, True, config)


@app.command("disable")
@friendly
def disable(automation_id: IdArgument, config: ConfigOption = None) -> None:
    """Keep an automation from running; it stays in the file."""
    _set(automation_id, False, config)


def _set(automation_id: str, enabled: bool, config: Path | None) -> None:
    from hub.automations.file import set_enabled
    from hub.automations.settings import automations_path

    set_enabled(automations_path(client_settings(config)), automation_id, enabled)
    print(f"{automation_id} is {'enabled' if enabled else 'disabled'}")


@app.command("test")
@friendly
def test(
    file: Annotated[
        Path | None, typer.Argument(help="The file; that of the configuration without it.")
    ] = None,
    home: Annotated[
        Path | None, typer.Option("--home", help="The home, a YAML, TOML or JSON file.")
    ] = None,
    events: Annotated[
        Path | None, typer.Option(help="YAML list of what happens: at, set or event.")
    ] = None,
    happens: Annotated[
        list[str] | None,
        typer.Option("--set", help='What happens: "18:30 binary_sensor.hall=on".'),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="When it begins: 2026-11-25T06:00; now without.")
    ] = None,
    hours: Annotated[float, typer.Option(help="How long.", min=0.01, max=24 * 366)] = 24,
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Check automations, and let a day pass in a home in memory to see what they would do."""
    from devices.homefile import load_home
    from hub.automations.file import read_automations
    from hub.automations.settings import automations_path, place_of
    from hub.automations.trial import Day, read_happenings, try_automations
    from hub.clock import SystemClock
    from hub.house_rules import policy_of

    settings = client_settings(config)
    path = file or automations_path(settings)
    if not path.exists():
        raise CommandFailed(f"{path}: there is no such file")
    known = load_home(home) if home else None
    automations = read_automations(path, known)
    if known is None:
        print(f"{path}: {len(automations)} automations, no mistakes; add --home to try them")
        return
    now = SystemClock(settings.house.time_zone).now()
    begin = _moment(start, now) if start else now
    told = read_happenings(events, begin.tzinfo) if events else ()
    told += tuple(_happening(text, begin) for text in happens or ())
    day = Day(begin, begin + timedelta(hours=hours), told)
    place, policy = place_of(settings), policy_of(settings)
    ran = asyncio.run(try_automations(automations, known, day, place, policy))
    if json_output:
        print_json([_as_json(one) for one in ran])
        return
    if not ran:
        print("nothing would happen")
    for one in ran:
        print(f"{one.at:%a %H:%M:%S} {one.alias} ({one.because}): {one.result}")
        for entity_id, service, data in one.actions:
            print(f"    {service} {entity_id} {json.dumps(dict(data)) if data else ''}".rstrip())
        for message in one.said:
            print(f"    says: {message}")


def _as_json(ran: Any) -> dict[str, Any]:
    actions = [
        {"entity_id": entity_id, "service": service, "data": dict(data)}
        for entity_id, service, data in ran.actions
    ]
    return {
        "at": ran.at.isoformat(), "id": ran.automation, "because": ran.because,
        "result": ran.result, "actions": actions, "said": list(ran.said),
    }  # fmt: skip


def _moment(text: str, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a moment such as 2026-11-25T06:00") from error
    return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)


def _happening(text: str, begin: datetime) -> Any:
    from datetime import time

    from hub.automations.trial import Happening

    try:
        when, _, what = text.partition(" ")
        entity_id, _, state = what.strip().partition("=")
        at = datetime.combine(begin.date(), time.fromisoformat(when), begin.tzinfo)
    except ValueError as error:
        raise typer.BadParameter(f"--set {text!r}: expected TIME ENTITY=STATE") from error
    if not entity_id or not state:
        raise typer.BadParameter(f"--set {text!r}: expected TIME ENTITY=STATE")
    later = at if at >= begin else at + timedelta(days=1)
    return Happening(at=later, set={entity_id: {"state": state}})
