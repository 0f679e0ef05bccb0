"""What systemd wants to hear (sd_notify(3)): that we are ready, alive, and ending.

The watchdog is fed from the event loop: a hub whose loop hangs is restarted.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping


def notify(state: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell the service manager; False where there is none, or it does not listen."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(state.encode(), address)
    except OSError:
        return False
    return True


def watchdog_seconds(environ: Mapping[str, str] = os.environ) -> float | None:
    """How often to show that we are alive: twice as often as asked for; None if nobody watches."""
    try:
        asked = int(environ.get("WATCHDOG_USEC", "0"))
        watched = int(environ.get("WATCHDOG_PID", str(os.getpid())))
    except ValueError:
        return None
    return asked / 2e6 if asked > 0 and watched == os.getpid() else None


async def show_life() -> None:
    """Feed the watchdog until cancelled; returns at once where nobody watches."""
    seconds = watchdog_seconds()
    while seconds is not None:
        notify("WATCHDOG=1")
        await asyncio.sleep(seconds)
