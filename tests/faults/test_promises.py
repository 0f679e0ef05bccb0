"""Whatever breaks: nothing acknowledged is lost, nothing is done twice, no danger without a yes.

`make test` breaks some things once; `make faults` everything many times, with other seeds each run
(HEARTHD_FAULT_SEED repeats one), and prints what came of it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.broker import mosquitto_path
from tests.faults.house import FaultyHouse, faulty_house
from tests.faults.report import REPORT, Row
from tests.faults.table import FAULTS, Fault

ROUNDS = int(os.environ.get("HEARTHD_FAULT_ROUNDS", "0"))
SEED = int(os.environ.get("HEARTHD_FAULT_SEED", "0")) or int.from_bytes(os.urandom(4))
CHOSEN = [fault for fault in FAULTS if ROUNDS or fault.quick]


@pytest.mark.parametrize("fault", CHOSEN, ids=lambda fault: fault.name.replace(" ", "-"))
async def test_the_promises_hold(fault: Fault, tmp_path: Path) -> None:
    if mosquitto_path() is None:
        pytest.skip("no mosquitto")
    name = fault.name.replace(" ", "_").replace(",", "")
    rounds = ROUNDS * fault.often or 1
    async with _storage(fault, tmp_path) as storage:
        async with faulty_house(tmp_path, name, SEED, storage) as house:
            await house.start_hub()
            await house.serves_again()
            house.starts.clear()
            house.own.clear()
            house.back.clear()
            house.kills = 0
            for _ in range(rounds):
                await _one_round(fault, house)
            audit = house.ledger.audit()
            times = (house.starts, house.own, house.back, house.stops)
            REPORT.append(Row(fault.name, rounds, audit, house.kills, *times))
            detail = f"seed {SEED}: {audit}\n{_of_the_lost(house)}\n{house.log()}"
            assert audit.broken - fault.forgets * audit.answered_twice == 0, detail
            assert "Traceback" not in house.log(), house.log()
            assert "internal_error" not in house.log(), house.log()


async def _one_round(fault: Fault, house: FaultyHouse) -> None:
    await fault.run(house)
    await house.serves_again(40)
    await house.settle(30, fault.retry)
    house.turn += 1
    house.witness.heard.clear()


def _of_the_lost(house: FaultyHouse) -> str:
    lost = sorted(house.ledger.unanswered())[:5]
    return f"no answer to {[house.ledger.commands[key] for key in lost]}"


@asynccontextmanager
async def _storage(fault: Fault, folder: Path) -> AsyncIterator[Path]:
    """The hub's storage; a small file system of its own where the fault needs one."""
    storage = folder / "hub"
    storage.mkdir()
    if not fault.small_disk:
        yield storage
        return
    options = f"size={fault.small_disk}m"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(storage)]
    made = await asyncio.to_thread(subprocess.run, mount, capture_output=True, check=False)
    if made.returncode:
        pytest.skip("a small file system needs root")
    try:
        yield storage
    finally:
        await asyncio.to_thread(subprocess.run, ["umount", "-l", str(storage)], check=True)
