"""The disk under the journal."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.faults.house import FaultyHouse


async def disk_full(house: FaultyHouse) -> None:
    filler = house.storage / "filler"
    file = os.open(filler, os.O_WRONLY | os.O_CREAT)
    for size in (65536, 4096, 1):
        with suppress(OSError):
            while os.write(file, b"x" * size):
                pass
    os.close(file)
    await house.say_many(25)
    await asyncio.sleep(1)
    filler.unlink()


async def disk_writes_nothing(house: FaultyHouse) -> None:
    """No file of the process may grow or change any more."""
    process = house.process()
    process.rlimit(psutil.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    await house.say_many(15)
    await asyncio.sleep(1)
    process.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


async def disk_says_eio(house: FaultyHouse) -> None:
    """A dying disk. What it wrote without admitting it must not come to life later: some of the
    time the hub is killed before the disk heals."""
    calls = ("pwrite64,write,fsync,fdatasync", "fsync,fdatasync")[house.turn % 2]
    async with _refusing(house, calls, "EIO"):
        await house.say_many(15)
        await asyncio.sleep(1)
        if house.random.random() < 0.5:
            await house.settle(10)
            await house.kill_hub()
    assert house.hub is not None
    if house.hub.returncode is not None:
        await house.start_hub()


async def turns_read_only(house: FaultyHouse) -> None:
    """As ext4 does after an error, while the hub runs."""
    async with _refusing(house, "pwrite64,write,fsync,fdatasync,ftruncate,unlink", "EROFS"):
        await house.say_many(15)
        await asyncio.sleep(1)


@asynccontextmanager
async def _refusing(house: FaultyHouse, calls: str, error: str) -> AsyncIterator[None]:
    """Meanwhile these system calls fail on the journal's files."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("no strace")
    files = [f"-P{house.storage / name}" for name in ("journal.db", "journal.db-wal")]
    process = await asyncio.create_subprocess_exec(
        strace, "-f", "-o", "/dev/null", *files, "-e", f"trace={calls}",
        "-e", f"inject={calls}:error={error}", "-p", str(house.process().pid),
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    async with asyncio.timeout(10):
        said = await process.stderr.readline()
    assert b"attached" in said, said
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def read_only_at_the_start(house: FaultyHouse) -> None:
    await house.kill_hub()
    await _mount(house.storage, "remount,ro")
    code, said = await house.start_hub_that_fails()
    await _mount(house.storage, "remount,rw")
    assert (code, "Traceback" in said[-600:]) == (1, False), said
    assert str(house.storage) in said
    await house.start_hub()
    await house.say_many(5)


async def _mount(folder: Path, options: str) -> None:
    command = ["mount", "-o", options, str(folder)]
    await asyncio.to_thread(subprocess.run, command, check=True)


async def journal_corrupt(house: FaultyHouse) -> None:
    await house.say_many(5)
    await house.settle()
    await house.kill_hub()
    for part in house.storage.glob("journal.db-*"):
        part.unlink()
    path = house.storage / "journal.db"
    raw = bytearray(path.read_bytes())
    if house.random.random() < 0.3:
        raw = bytearray(os.urandom(len(raw)))
    for _ in range(200):
        raw[house.random.randrange(min(len(raw), 40_000))] ^= 1 << house.random.randrange(8)
    path.write_bytes(raw)
    await house.start_hub()
    await house.say_many(5)


async def journal_torn(house: FaultyHouse) -> None:
    """The database's files end anywhere; what a client has no answer to is said again."""
    await _torn(house, "journal.db*")


async def journal_and_fates_torn(house: FaultyHouse) -> None:
    """And so does the file that stands beside it for that case."""
    await _torn(house, "journal.*")


async def _torn(house: FaultyHouse, files: str) -> None:
    await house.say_many(5)
    if house.random.random() < 0.7:
        await house.settle()
    await house.kill_hub()
    for path in sorted(house.storage.glob(files)):
        if path.suffix != ".lock" and house.random.random() < 0.7:
            os.truncate(path, house.random.randint(0, path.stat().st_size))
    await house.start_hub()
    await house.settle(5)
    for key in house.ledger.unanswered():  # its row, and with it all we owed, may be gone
        house.ledger.retried.add(key)
    await house.say_many(5)


async def journal_locked(house: FaultyHouse) -> None:
    intruder = sqlite3.connect(house.storage / "journal.db", isolation_level=None)
    intruder.execute("begin immediate")
    await house.say_many(15)
    await asyncio.sleep(house.random.uniform(0.5, 5))
    intruder.execute("rollback")
    intruder.close()


async def second_hub(house: FaultyHouse) -> None:
    code, said = await house.start_hub_that_fails()
    assert (code, "another hub is using it" in said) == (1, True), said
    await house.say_many(10)
