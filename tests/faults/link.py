"""A network that loses packets: the hub in a network namespace of its own, behind two TUN devices
between which this process carries the packets, or does not. Needs root and /dev/net/tun."""

from __future__ import annotations

import asyncio
import fcntl
import os
import random
import struct
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
PACKET = 65_536


@dataclass(slots=True)
class Link:
    """`loss` and `twice` are shares of packets; each is `late` by up to so many seconds, so that
    they overtake each other. `namespace` is where the hub belongs, `address` where it finds us."""

    namespace: str
    address: str
    random: random.Random
    loss: float = 0.0
    twice: float = 0.0
    late: float = 0.0
    lost: int = 0

    def carry(self, source: int, target: int) -> None:
        """Take one packet off a device, and bring it to the other one, perhaps."""
        try:
            packet = os.read(source, PACKET)
        except BlockingIOError:
            return
        if self.random.random() < self.loss:
            self.lost += 1
            return
        for _ in range(1 + (self.random.random() < self.twice)):
            if self.late:
                wait = self.random.uniform(0, self.late)
                asyncio.get_running_loop().call_later(wait, _write, target, packet)
            else:
                _write(target, packet)


def _write(target: int, packet: bytes) -> None:
    with suppress(OSError):  # the device is full, or gone: one more that is lost
        os.write(target, packet)


def _tun(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


@asynccontextmanager
async def lossy_link(chance: random.Random) -> AsyncIterator[Link]:
    """Two ends of a /30 from the range for such tests (RFC 2544). Raises OSError without root."""
    number = os.getpid() % 10_000
    namespace, ours, theirs = f"hearthd-{number}", f"hd-a{number}", f"hd-b{number}"
    subnet = f"198.18.{number % 250}"
    near, far = _tun(ours), _tun(theirs)
    link = Link(namespace, f"{subnet}.1", chance)
    loop = asyncio.get_running_loop()
    try:
        await _ip("netns", "add", namespace)
        await _ip("link", "set", theirs, "netns", namespace)
        for end, where, last in ((ours, (), 1), (theirs, ("-n", namespace), 2)):
            await _ip(*where, "addr", "add", f"{subnet}.{last}/30", "dev", end)
            await _ip(*where, "link", "set", end, "up")
        await _ip("-n", namespace, "link", "set", "lo", "up")
        loop.add_reader(near, link.carry, near, far)
        loop.add_reader(far, link.carry, far, near)
        yield link
    finally:
        for device in (near, far):
            loop.remove_reader(device)
            os.close(device)
        await asyncio.to_thread(
            subprocess.run, ["ip", "netns", "del", namespace], capture_output=True, check=False
        )


async def _ip(*words: str) -> None:
    made = await asyncio.to_thread(subprocess.run, ["ip", *words], capture_output=True, check=False)
    if made.returncode:
        raise OSError(f"ip {' '.join(words)}: {made.stderr.decode()}")
