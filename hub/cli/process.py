"""`hearthd run` and `hearthd demo`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.common import CommandFailed, ConfigOption, friendly
from hub.config import Settings, load_settings


@friendly
def run(config: ConfigOption = None) -> None:
    """Run the hub until it is stopped."""
    settings = load_settings(config)
    from hub.app import run_hub

    ready = asyncio.Event()
    _until_stopped(_with_notice(run_hub(settings, ready), ready, settings))


async def _with_notice(
    hub: Coroutine[Any, Any, None], ready: asyncio.Event, settings: Settings
) -> None:
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(hub, name="hub")
        await asyncio.wait(
            {task, group.create_task(ready.wait())}, return_when=asyncio.FIRST_COMPLETED
        )
        if ready.is_set():
            where = f"{settings.broker.host}:{settings.broker.port}"
            seconds = time.monotonic() - started
            print(f"hearthd is ready ({seconds:.1f} s), broker {where}", flush=True)


def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run until SIGINT or SIGTERM, then end everything within 5 s."""

    async def main() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())


DEMO_HOME = Path(__file__).parents[2] / "configs" / "homes" / "demo.yaml"


@friendly
def demo(
    home: Annotated[Path, typer.Option(help="The home to simulate.")] = DEMO_HOME,
    detach: Annotated[bool, typer.Option(help="Go on in the background.")] = False,
    stop: Annotated[bool, typer.Option(help="Stop a demo in the background.")] = False,
    directory: Annotated[
        Path | None, typer.Option(help="Where the demo keeps its data.", show_default=False)
    ] = None,
) -> None:
    """Start a broker, a simulated home and the hub, and tell what to try."""
    folder = directory or load_settings().storage.directory / "demo"
    if stop:
        _stop(folder)
    elif detach:
        _detach(home, folder)
    else:
        _until_stopped(_demo(home, folder))


async def _demo(home_file: Path, folder: Path) -> None:
    from devices.homefile import load_home
    from devices.simulator import BrokerAddress, SimulatorOptions, simulate
    from hub.app import run_hub
    from hub.broker import demo_broker, free_port

    home = load_home(home_file)
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    async with demo_broker(port, folder / "broker") as broker, asyncio.TaskGroup() as group:
        protocol = "auto" if broker == "mosquitto" else "3.1.1"
        settings = demo_settings(folder, port, home, protocol)
        devices, hub = asyncio.Event(), asyncio.Event()
        options = SimulatorOptions(speed=1.0)
        address = BrokerAddress("127.0.0.1", port)
        group.create_task(simulate(home, address, options, devices), name="simulator")
        await devices.wait()
        group.create_task(run_hub(settings, hub), name="hub")
        await hub.wait()
        write_demo_config(folder, port, protocol)
        try:
            print(welcome(broker, port), flush=True)
            await asyncio.Event().wait()
        finally:
            (folder / "hearthd.toml").unlink(missing_ok=True)


def demo_settings(folder: Path, port: int, home: Any, protocol: str = "auto") -> Settings:
    """The demo's configuration: its own broker and data; one site for each area."""
    return Settings.model_validate(
        {
            "broker": {"port": port, "client_id": "hearthd-demo", "protocol": protocol},
            "storage": {"directory": folder},
            "sites": {area.id: area.name for area in home.areas.values()},
            "house": {
                "sentences": DEMO_HOME.parents[1] / "sentences",
                "floors": [
                    {"id": f.id, "name": f.name, "aliases": list(f.aliases), "level": f.level}
                    for f in home.floors.values()
                ],
                "areas": [
                    {"id": a.id, "name": a.name, "aliases": list(a.aliases), "floor": a.floor}
                    for a in home.areas.values()
                ],
                "entities": {
                    e.id: {"aliases": list(e.aliases), "area": e.area}
                    for e in home.entities.values()
                },
            },
        }
    )


def write_demo_config(folder: Path, port: int, protocol: str) -> None:
    """What lets `hearthd say` find the demo without flags."""
    text = (
        "# Written by `hearthd demo`; removed when it ends.\n"
        f'[broker]\nport = {port}\nprotocol = "{protocol}"\n\n[storage]\ndirectory = "{folder}"\n'
    )
    (folder / "hearthd.toml").write_text(text, encoding="utf-8")


def demo_config(settings: Settings) -> Path | None:
    """The configuration of a demo that is running, if there is one."""
    path = settings.storage.directory / "demo" / "hearthd.toml"
    return path if path.exists() else None


def welcome(broker: str, port: int) -> str:
    """What to try next."""
    p = "" if port == 1883 else f" -p {port}"
    return f"""
A home is running: {broker} on port {port}, simulated devices, and the hub. Try:

  hearthd say "turn off the kitchen lights"
  hearthd say "is the front door locked"
  hearthd say "dim the floor lamp to thirty percent and close the bedroom blinds"
  hearthd say "unlock the front door"        and then   hearthd say yes
  hearthd devices list
  hearthd listen

The same without any of our tools:

  mosquitto_sub{p} -t 'hearthd/reply/#' -t 'home/light/#' -v
  mosquitto_pub{p} -t hearthd/command/kitchen -m 'lights off'
"""


def _detach(home: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "hearthd.toml").exists() and _alive(folder):
        raise CommandFailed("a demo is running already; `hearthd demo --stop` ends it")
    (folder / "hearthd.toml").unlink(missing_ok=True)
    log = folder / "demo.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub.cli.main", "demo", "--home", str(home), "--directory",
             str(folder)],
            stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    (folder / "demo.pid").write_text(str(process.pid), encoding="utf-8")
    for _ in range(300):
        if process.poll() is not None:
            raise CommandFailed(f"the demo ended:\n{log.read_text('utf-8', 'replace')}")
        if (folder / "hearthd.toml").exists():
            time.sleep(0.1)
            print(log.read_text("utf-8", "replace"))
            print(f"It runs in the background; `hearthd demo --stop` ends it. Its log: {log}")
            return
        time.sleep(0.1)
    raise CommandFailed(f"the demo is not ready after 30 s; see {log}")


def _alive(folder: Path) -> bool:
    try:
        os.kill(int((folder / "demo.pid").read_text("utf-8")), 0)
    except (OSError, ValueError):
        return False
    return True


def _stop(folder: Path) -> None:
    if not _alive(folder):
        raise CommandFailed("no demo is running")
    pid = int((folder / "demo.pid").read_text("utf-8"))
    os.kill(pid, signal.SIGTERM)
    for _ in range(100):
        if not _alive(folder):
            break
        time.sleep(0.1)
    (folder / "demo.pid").unlink(missing_ok=True)
    print("The demo has ended.")
