"""Many thousand mutations of the fault data: no dangerous action, no crash, no growth.

Each surface is entered where its bytes enter the hub. `make faults` tries 100,000 (HEARTHD_MUTATIONS).
"""

from __future__ import annotations

import gc
import json
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from devices.home import Area
from devices.homefile import HomeFileError, load_home
from devices.registry import Registry
from devices.registry_values import Owner
from devices.services import ServiceCall
from edge.artefact import load_artefact
from edge.errors import ArtefactError
from edge.tasks.understand import UnderstandingModel
from export.errors import CheckpointError
from export.gguf_file import check_gguf
from export.safe import check_safetensors
from hub.config import ConfigurationError, load_settings
from hub.danger import is_dangerous
from hub.inbox import Message
from hub.intake import Intake, Rejected, read_message
from hub.permit import permit
from hub.policy import Policy
from hub.rehearse import Stage
from hub.routine import plan_for_call
from hub.topics import Topics
from hub.values import Status
from tests.artefacts import handmade
from tests.conftest import HOMES
from tests.faults.mutations import mutations, raw

COUNT = int(os.environ.get("HEARTHD_MUTATIONS", "3000"))
SEED = int(os.environ.get("HEARTHD_FAULT_SEED", "0")) or int.from_bytes(os.urandom(4))
GROWTH = 32 << 20
SLOWEST_CPU_SECONDS = 0.05
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HOME = load_home(HOMES / "demo.yaml")
LOCK = {
    "name": "Front Door", "unique_id": "lock-front-0001",
    "command_topic": "vendor/lock/front/set", "state_topic": "vendor/lock/front/state",
}  # fmt: skip


def seeds(data: Path, *surfaces: str) -> list[bytes]:
    lines = (data / "bad_inputs.jsonl").read_text("utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [raw(row) for row in rows if row["surface"] in surfaces]


def attack(found: list[bytes], count: int, enter: Callable[[bytes], None]) -> None:
    """Enter every mutation; the process may not grow, and none may hold it up."""
    process, chance, slowest = psutil.Process(), random.Random(SEED), 0.0
    warm = min(1000, count // 3)
    before = 0
    for number, payload in enumerate(mutations(found, count, chance)):
        if number == warm:
            gc.collect()
            before = process.memory_info().rss
        started = time.thread_time()
        try:
            enter(payload)
        except Exception as error:
            raise AssertionError(f"seed {SEED}, mutation {number}: {payload!r}") from error
        if number >= warm:
            slowest = max(slowest, time.thread_time() - started)
    gc.collect()
    grown = process.memory_info().rss - before
    assert grown <= GROWTH, f"seed {SEED}: grew by {grown >> 20} MiB"
    assert slowest <= SLOWEST_CPU_SECONDS, f"seed {SEED}: one took {slowest * 1000:.0f} ms"


def test_no_mutated_command_does_harm(data: Path) -> None:
    intake = Intake(Topics(), {}, spoken_pins=True)
    valid = [
        b'{"id":"a","service":"lock.lock","entity_id":"lock.front_door"}',
        b'{"id":"b","service":"climate.set_temperature","entity_id":"climate.bedroom",'
        b'"data":{"temperature":21}}',
        b'{"id":"c","service":"cover.set_cover_position","entity_id":"cover.garage_door",'
        b'"data":{"position":0}}',
        b'{"id":"d","service":"scene.turn_on","entity_id":"scene.movie_night"}',
        b'{"id":"e","text":"unlock the front door, the pin is 2580"}',
    ]

    def enter(payload: bytes) -> None:
        try:
            request = read_message(Message("hearthd/command/x", payload, False), intake, NOW)
        except Rejected as error:
            assert str(error)
            return
        if request.call is None:
            return
        plan = permit(plan_for_call(request.call, HOME), HOME, Policy())
        assert not plan.actions or plan.status in (Status.DONE, Status.CONFIRM)
        if plan.status is Status.DONE:
            assert not any(is_dangerous(a.call, HOME, Policy()) for a in plan.actions)

    attack(seeds(data, "mqtt_command", "http") + valid * 8, COUNT * 9 // 20, enter)


def test_no_mutated_discovery_takes_the_lock_over(data: Path) -> None:
    unlock = ServiceCall("lock.front_door", "lock.unlock")
    topics = [f"homeassistant/{kind}/x/config" for kind in ("light", "lock", "sensor", "cover")]
    chance = random.Random(SEED)
    registry = _house()
    known = registry.publishes(unlock)

    def enter(payload: bytes) -> None:
        nonlocal registry
        registry.discovered(chance.choice(topics), payload)
        registry.discovered(f"homeassistant/light/f{chance.randrange(10**6)}/config", payload)
        home = registry.home()
        assert home.entities["lock.front_door"].name == "Front Door"
        assert registry.publishes(unlock) == known
        names = [e.name for e in home.entities.values()]
        assert not any("\u200b" in name or "\u202e" in name for name in names)
        if len(home.entities) > 300:
            registry = _house()

    attack(seeds(data, "mqtt_discovery") + [json.dumps(LOCK).encode()] * 4, COUNT // 5, enter)


def _house() -> Registry:
    registry = Registry(Owner(areas=(Area("kitchen", "Kitchen"),)))
    registry.discovered("homeassistant/lock/front/config", json.dumps(LOCK).encode())
    registry.state_message("vendor/lock/front/state", b"LOCKED", NOW)
    return registry


def test_no_mutated_state_is_more_than_a_state(data: Path) -> None:
    registry = _house()
    sensor = {"name": "T", "unique_id": "t1", "state_topic": "acme/t1/state",
              "value_template": "{{ value_json.temperature }}", "unit_of_measurement": "°C"}  # fmt: skip
    registry.discovered("homeassistant/sensor/t1/config", json.dumps(sensor).encode())

    def enter(payload: bytes) -> None:
        registry.state_message("acme/t1/state", payload, NOW)
        changes = registry.state_message("vendor/lock/front/state", payload, NOW)
        for change in changes:
            assert change.after.state in (
                None, "locked", "unlocked", "locking", "unlocking", "jammed", "open", "opening",
            ), change  # fmt: skip
        registry.state_message("vendor/lock/front/state", b"LOCKED", NOW)

    good = [b'{"temperature": 21.5}', b"LOCKED", b"UNLOCKED", b"JAMMED"]
    attack(seeds(data, "mqtt_state") + good * 3, COUNT // 5, enter)


def test_a_mutated_configuration_is_read_or_refused_in_words(data: Path, tmp_path: Path) -> None:
    toml, home = tmp_path / "hearthd.toml", tmp_path / "home.yaml"
    shipped = (HOMES.parent / "hearthd.toml").read_bytes()

    def enter(payload: bytes) -> None:
        toml.write_bytes(payload)
        try:
            load_settings(toml, {})
        except ConfigurationError as error:
            assert "hearthd.toml" in str(error)

    def enter_home(payload: bytes) -> None:
        home.write_bytes(payload)
        try:
            load_home(home)
        except HomeFileError as error:
            assert "home.yaml" in str(error)

    attack([*seeds(data, "config"), shipped], COUNT // 40, enter)
    attack(
        [*seeds(data, "config"), b"entities: [{name: Lamp, domain: light}]"],
        COUNT // 40,
        enter_home,
    )
    assert not Path("/tmp/hub_canary_pwned").exists()


def test_a_mutated_manifest_names_no_file_outside_of_its_folder(data: Path, tmp_path: Path) -> None:
    folder = handmade(tmp_path / "model", b"not a graph")
    manifest = folder / "manifest.json"
    whole = manifest.read_bytes()

    def enter(payload: bytes) -> None:
        manifest.write_bytes(payload)
        try:
            found = load_artefact(folder)
        except ArtefactError as error:
            assert error.reason
            return
        for name in found.manifest.files:
            assert (folder / name).resolve().is_relative_to(folder.resolve())

    attack([*seeds(data, "model_artifact"), *[whole] * 20], COUNT // 40, enter)


def test_mutated_tensors_are_measured_or_refused(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    header = json.dumps({"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    good = len(header).to_bytes(8, "little") + header + bytes(16)

    def enter(payload: bytes) -> None:
        file.write_bytes(payload)
        for check in (check_safetensors, check_gguf):
            try:
                check(file)
            except CheckpointError as error:
                assert str(error)

    attack([*seeds(data, "model_artifact"), *[good] * 8], COUNT // 40, enter)


async def test_no_mutated_sentence_opens_a_door(model: UnderstandingModel, data: Path) -> None:
    stage = Stage(model, HOME)
    chance = random.Random(SEED)
    plain = [b"turn on the floor lamp", b"unlock the front door", b"open the garage door please"]
    found = seeds(data, "sentence") + plain
    for payload in mutations(found, COUNT // 20, chance):
        text = payload.decode("utf-8", "replace")[:2000]
        result = await stage.run_line(json.dumps({"id": 1, "text": text}))
        assert "something went wrong inside" not in result["reply"], f"seed {SEED}: {text!r}"
        for action in result["actions"]:
            call = ServiceCall(action["entity_id"], action["service"], action["data"])
            assert not is_dangerous(call, HOME, Policy()), f"seed {SEED}: {text!r}"
