"""The faults: each breaks something while commands are on their way, and mends it again.

A fault gets a house whose hub runs; it must leave one that can serve. Whether the promises were
kept is not its business: `test_promises` asks the ledger.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults import (
    broker_faults,
    device_faults,
    disk_faults,
    link_faults,
    message_faults,
    model_faults,
    process_faults,
)
from tests.faults.house import FaultyHouse


@dataclass(frozen=True, slots=True)
class Fault:
    """`retry`: clients say again what was not answered. `small_disk`: the storage is a file system
    of its own, of so many MiB. `forgets`: the disk loses all of what it said was safe, so that a
    reply may come again; an action may not. `quick`: also a part of `make test`. `often`: so many rounds
    for each one of the others."""

    name: str
    run: Callable[[FaultyHouse], Awaitable[None]]
    retry: bool = False
    small_disk: int = 0
    forgets: bool = False
    quick: bool = False
    often: int = 1


FAULTS: tuple[Fault, ...] = (
    Fault("killed at a point of the road", process_faults.killed_at_a_point, quick=True, often=20),
    Fault("killed while it recovers", process_faults.killed_while_it_recovers, often=6),
    Fault("killed at random", process_faults.killed_at_random, quick=True, often=20),
    Fault("told to stop under load", process_faults.told_to_stop_under_load, quick=True),
    Fault("frozen and thawed", process_faults.frozen_and_thawed),
    Fault("out of file descriptors", process_faults.out_of_file_descriptors),
    Fault("broker killed", broker_faults.broker_killed, retry=True, quick=True),
    Fault("broker flaps", broker_faults.broker_flaps, retry=True),
    Fault("broker frozen", broker_faults.broker_frozen),
    Fault("broker restarted under 500 devices", broker_faults.restarted_under_500, retry=True),
    Fault("wire cut", broker_faults.wire_cut, quick=True),
    Fault("wire half open", broker_faults.wire_half_open),
    Fault("wire slow", broker_faults.wire_slow),
    Fault("packets lost, late, twice", link_faults.packets_lost),
    Fault("said three times on two connections", message_faults.said_three_times, quick=True),
    Fault("said on TCP and WebSockets", message_faults.said_on_two_transports),
    Fault("retained and stale commands", message_faults.retained_and_stale),
    Fault("clock jumps", message_faults.clock_jumps),
    Fault("PINs guessed", message_faults.pins_guessed),
    Fault("disk full", disk_faults.disk_full, small_disk=4),
    Fault("disk writes nothing", disk_faults.disk_writes_nothing, quick=True),
    Fault("disk says EIO", disk_faults.disk_says_eio),
    Fault("disk read-only at the start", disk_faults.read_only_at_the_start, small_disk=16),
    Fault("disk turns read-only", disk_faults.turns_read_only),
    Fault("journal corrupt", disk_faults.journal_corrupt, forgets=True, quick=True),
    Fault("journal torn", disk_faults.journal_torn, quick=True),
    Fault("journal and fates torn", disk_faults.journal_and_fates_torn, forgets=True),
    Fault("journal locked", disk_faults.journal_locked),
    Fault("second hub", disk_faults.second_hub),
    Fault("model update cut", model_faults.update_cut),
    Fault("model signed by a wrong key", model_faults.wrong_key),
    Fault("model older than the installed", model_faults.older_version),
    Fault("model expired", model_faults.expired_manifest),
    Fault("model with a flipped bit", model_faults.bits_flipped),
    Fault("model that hangs", model_faults.model_that_hangs),
    Fault("model that eats memory", model_faults.model_that_eats_memory),
    Fault("discovery flood of 10,000", device_faults.discovery_flood),
    Fault("last-will storm of 500", device_faults.last_will_storm),
    Fault("state flood", device_faults.state_flood),
    Fault("huge and deep payloads", device_faults.huge_and_deep, quick=True),
    Fault("slow consumers", device_faults.slow_consumers),
    Fault("dead consumers", device_faults.dead_consumers),
)
