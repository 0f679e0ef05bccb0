"""A broker for the demo: mosquitto where it is installed, an embedded amqtt otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from hub.mqtt_client import BrokerError

MOSQUITTO_CONF = """# Written by hearthd for its demo.
listener {port} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
max_packet_size 1048576
persistence true
persistence_location {directory}/
autosave_on_changes true
autosave_interval 1
log_dest none
"""


def free_port(preferred: int = 1883) -> int:
    """`preferred` if nothing listens there, else any free port."""
    for port in (preferred, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise BrokerError("there is no free port on this machine")


def mosquitto_path() -> str | None:
    """Where mosquitto is; Debian installs it outside of most users' PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


@contextlib.asynccontextmanager
async def demo_broker(port: int, directory: Path) -> AsyncIterator[str]:
    """A running broker on 127.0.0.1; yields which one it is. Raises `BrokerError`."""
    directory.mkdir(parents=True, exist_ok=True)
    mosquitto = mosquitto_path()
    if mosquitto is None:
        async with _amqtt(port):
            yield "amqtt (embedded; MQTT 3.1.1)"
        return
    config = directory / "mosquitto.conf"
    text = MOSQUITTO_CONF.format(port=port, directory=directory)
    if os.geteuid() == 0:  # else mosquitto becomes a user who cannot write here
        text += "user root\n"
    config.write_text(text, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        mosquitto, "-c", str(config), stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await wait_for_port(port, process)
        yield "mosquitto"
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def wait_for_port(port: int, process: asyncio.subprocess.Process | None = None) -> None:
    """Return when something listens. Raises `BrokerError` after 10 s or when the process ends."""
    for _ in range(200):
        if process is not None and process.returncode is not None:
            raise BrokerError(f"mosquitto ended with {process.returncode}; is port {port} taken?")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise BrokerError(f"nothing listens on port {port}")


@contextlib.asynccontextmanager
async def _amqtt(port: int) -> AsyncIterator[None]:
    try:
        from amqtt.broker import Broker
    except ImportError as error:
        raise BrokerError(
            "no MQTT broker: install mosquitto (`sudo apt install mosquitto`), "
            "or the embedded one (`pip install 'hearthd[broker]'`)"
        ) from error
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {
                "allow_anonymous": True}},
        }
    )  # fmt: skip
    await broker.start()
    try:
        yield
    finally:
        await broker.shutdown()
