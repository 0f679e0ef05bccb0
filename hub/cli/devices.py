"""`hearthd devices`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.common import CommandFailed, ConfigOption, JsonOption, friendly, print_json
from hub.cli.conversation import client_settings
from hub.config import Settings

app = typer.Typer(no_args_is_help=True, help="What is in the house.")


async def _snapshot(settings: Settings, seconds: float = 1.0) -> Any:
    """The home as the broker's retained messages tell it: no hub is needed."""
    from devices.registry import Registry
    from hub.cli.conversation import _session
    from hub.clock import SystemClock

    registry = Registry(prefix=settings.discovery.prefix)
    clock = SystemClock(settings.house.time_zone)
    prefix = settings.discovery.prefix
    async with _session(settings) as session:
        session.subscribe([f"{prefix}/+/+/config", f"{prefix}/+/+/+/config"])
        try:
            async with asyncio.timeout(seconds):
                async for messages in session.states():
                    for message in messages:
                        if message.topic.endswith("/config"):
                            change = registry.discovered(message.topic, message.payload)
                            session.subscribe(change.subscribe)
                        else:
                            registry.state_message(message.topic, message.payload, clock.now())
        except TimeoutError:
            pass
    return registry.home()


@app.command("list")
@friendly
def list_devices(json_output: JsonOption = False, config: ConfigOption = None) -> None:
    """All entities with their state."""
    home = asyncio.run(_snapshot(client_settings(config)))
    rows = [
        {
            "entity_id": entity.id,
            "name": entity.name,
            "area": home.areas[entity.area].name if entity.area in home.areas else None,
            "state": home.state(entity.id).state if home.state(entity.id).available
            else "unavailable",
        }
        for entity in sorted(home.entities.values(), key=lambda e: e.id)
    ]  # fmt: skip
    if json_output:
        print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("entity", "name", "area", "state")
    for row in rows:
        table.add_row(*(str(value or "") for value in row.values()))
    Console().print(table)


@app.command("show")
@friendly
def show(entity_id: str, config: ConfigOption = None) -> None:
    """Everything about one entity, as JSON."""
    from dataclasses import asdict

    home = asyncio.run(_snapshot(client_settings(config)))
    entity = home.entities.get(entity_id)
    if entity is None:
        raise CommandFailed(f"there is no {entity_id}; try `hearthd devices list`")
    found = {name: getattr(entity, name) for name in entity.__dataclass_fields__}
    found["features"] = sorted(entity.features) if entity.features is not None else None
    found["options"] = dict(entity.options)
    state = home.state(entity_id)
    found["state"] = {**asdict(state), "attributes": dict(state.attributes)}
    print_json(found)


@app.command("watch")
@friendly
def watch(config: ConfigOption = None) -> None:
    """Print every state change until stopped."""
    settings = client_settings(config)

    async def follow() -> None:
        from devices.registry import Registry
        from hub.cli.conversation import _session
        from hub.clock import SystemClock

        registry = Registry(prefix=settings.discovery.prefix)
        clock = SystemClock(settings.house.time_zone)
        prefix = settings.discovery.prefix
        async with _session(settings) as session:
            session.subscribe([f"{prefix}/+/+/config", f"{prefix}/+/+/+/config"])
            async for messages in session.states():
                for message in messages:
                    if message.topic.endswith("/config"):
                        session.subscribe(
                            registry.discovered(message.topic, message.payload).subscribe
                        )
                        continue
                    now = clock.now()
                    for change in registry.state_message(message.topic, message.payload, now):
                        after = change.after
                        shown = after.state if after.available else "unavailable"
                        print(f"{now:%H:%M:%S} {change.entity_id} {shown}", flush=True)

    asyncio.run(follow())


@app.command("simulate")
@friendly
def simulate_home(
    home: Annotated[Path, typer.Argument(help="The home, a YAML, TOML or JSON file.")],
    speed: Annotated[float, typer.Option(help="How much faster than real devices.")] = 1.0,
    config: ConfigOption = None,
) -> None:
    """Simulate a home's devices on the broker until stopped."""
    from devices.homefile import load_home
    from devices.simulator import BrokerAddress, SimulatorOptions, simulate

    broker = client_settings(config).broker
    address = BrokerAddress(broker.host, broker.port, broker.username, broker.password)
    loaded = load_home(home)
    print(f"Simulating {len(loaded.entities)} entities on {broker.host}:{broker.port}", flush=True)
    try:
        asyncio.run(simulate(loaded, address, SimulatorOptions(speed=speed)))
    except* OSError as error:
        from hub.mqtt_client import BrokerError

        raise BrokerError(
            f"no MQTT broker at {broker.host}:{broker.port}; try `hearthd doctor`"
        ) from error
