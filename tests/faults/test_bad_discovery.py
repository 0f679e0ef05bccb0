"""Every `mqtt_discovery` and `mqtt_state` row of the fault data, against the registry.

`hub/discovery/X` is `homeassistant/X`. "templates unsupported" rows carry templates that ours
refuses too. Rows that only the broker's logins can tell apart are not the registry's.
"""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devices.home import Area
from devices.registry import Registry
from devices.registry_values import Owner

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
LOCK = {
    "name": "Front Door", "unique_id": "lock-front-0001",
    "command_topic": "vendor/lock/front/set", "state_topic": "acme/lock1/state",
}  # fmt: skip
ACCEPTED_AS_DATA = frozenset("D011 D013 D014 D017 D018 D021 D026 D027 D028 D033 D040 D041".split())
"""Rows whose harm is a key or a name that we keep as plain data or drop: they must not raise trust
or be rendered, and the tests below say what becomes of them."""


def house() -> Registry:
    registry = Registry(Owner(areas=(Area("kitchen", "Kitchen"),)))
    registry.discovered("homeassistant/lock/front/config", json.dumps(LOCK).encode())
    return registry


def rows(data: Path, surface: str) -> list[dict[str, Any]]:
    lines = (data / "bad_inputs.jsonl").read_text("utf-8").splitlines()
    return [row for line in lines if (row := json.loads(line))["surface"] == surface]


def test_discovery_rows_are_rejected_quarantined_or_kept_as_data(data: Path) -> None:
    wrong = []
    for row in rows(data, "mqtt_discovery"):
        registry = house()
        topic = row["topic"].replace("hub/discovery/", "homeassistant/")
        payload = row["payload"].replace("hub/discovery/", "homeassistant/").encode()
        change = registry.discovered(topic, payload)
        stopped = bool(change.rejected or change.quarantined)
        if stopped == (row["id"] in ACCEPTED_AS_DATA):
            wrong.append((row["id"], row["why"], change))
        assert registry.home().entities["lock.front_door"].name == "Front Door"
    assert not wrong


def test_a_bidi_name_loses_its_control_characters(data: Path) -> None:
    registry = house()
    row = next(r for r in rows(data, "mqtt_discovery") if r["id"] == "D017")
    registry.discovered("homeassistant/light/acme16/config", row["payload"].encode())
    names = [e.name for e in registry.home().entities.values() if e.domain == "light"]
    assert names == ["gnp.pmal"]


def test_a_device_cannot_widen_the_safe_range(data: Path) -> None:
    registry = house()
    row = next(r for r in rows(data, "mqtt_discovery") if r["id"] == "D033")
    registry.discovered("homeassistant/climate/acme32/config", row["payload"].encode())
    (climate,) = [e for e in registry.home().entities.values() if e.domain == "climate"]
    assert (climate.options["min_temp"], climate.options["max_temp"]) == (5, 35)


SENSOR = {
    "name": "Temperature", "unique_id": "t1", "state_topic": "acme/t1/state",
    "value_template": "{{ value_json.temperature }}", "unit_of_measurement": "°C",
}  # fmt: skip


def test_bad_states_keep_the_last_good_value(data: Path) -> None:
    for row in rows(data, "mqtt_state"):
        registry = house()
        registry.discovered("homeassistant/sensor/t1/config", json.dumps(SENSOR).encode())
        registry.state_message("acme/t1/state", b'{"temperature": 20}', NOW)
        registry.state_message("acme/lock1/state", b"LOCKED", NOW)
        raw = row["payload"].encode()
        if row["encoding"] == "base64":
            raw = base64.b64decode(row["payload"])
        for _ in range(min(row.get("repeat", 1), 1000)):
            registry.state_message(row["topic"], raw, NOW)
        home = registry.home()
        assert home.state("lock.front_door").state == "locked", row
        kept = home.state("sensor.temperature").state
        assert kept in ("20", "21.5") or (row["id"] == "S005" and kept is None), row
