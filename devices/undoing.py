"""The call that undoes a call, one function a domain: (state before, call) -> service and data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from devices.home import EntityState
from devices.services import ServiceCall

Undo = tuple[str, Mapping[str, Any]] | None


def _undo_switched(state: EntityState, call: ServiceCall) -> Undo:
    return ("turn_on" if state.state == "on" else "turn_off"), {}


def _undo_light(state: EntityState, call: ServiceCall) -> Undo:
    if state.state != "on":
        return "turn_off", {}
    keys = ("brightness", "color_temp_kelvin", "rgb_color")
    data = {key: state.attributes[key] for key in keys if state.attributes.get(key) is not None}
    return "turn_on", data


def _undo_opening(kind: str) -> Callable[[EntityState, ServiceCall], Undo]:
    def undo(state: EntityState, call: ServiceCall) -> Undo:
        position = state.attributes.get("current_position")
        if isinstance(position, int | float) and 0 < position < 100:
            return f"set_{kind}_position", {"position": int(position)}
        return f"{'close' if state.state == 'closed' else 'open'}_{kind}", {}

    return undo


def _undo_fan(state: EntityState, call: ServiceCall) -> Undo:
    if state.state != "on":
        return "turn_off", {}
    percentage = state.attributes.get("percentage")
    return "turn_on", ({"percentage": percentage} if percentage else {})


def _undo_climate(state: EntityState, call: ServiceCall) -> Undo:
    if call.service.endswith("set_temperature") and "temperature" in state.attributes:
        return "set_temperature", {"temperature": state.attributes["temperature"]}
    return "set_hvac_mode", {"hvac_mode": state.state}


def _undo_media(state: EntityState, call: ServiceCall) -> Undo:
    if "volume" in call.service:
        if "mute" in call.service:
            muted = bool(state.attributes.get("is_volume_muted", False))
            return "volume_mute", {"is_volume_muted": muted}
        level = state.attributes.get("volume_level")
        return ("volume_set", {"volume_level": level}) if level is not None else None
    back = {"playing": "media_play", "paused": "media_pause", "off": "turn_off", "on": "turn_on"}
    service = back.get(state.state or "")
    return (service, {}) if service else None


def _undo_todo(state: EntityState, call: ServiceCall) -> Undo:
    item = call.data.get("item")
    if call.service.endswith("add_item"):
        return "remove_item", {"item": item}
    if call.service.endswith("remove_item"):
        return "add_item", {"item": item}
    return "update_item", {"item": item, "status": "needs_action"}


INVERSES: Mapping[str, Callable[[EntityState, ServiceCall], Undo]] = {
    **dict.fromkeys(("switch", "input_boolean", "siren"), _undo_switched),
    "light": _undo_light,
    "cover": _undo_opening("cover"),
    "valve": _undo_opening("valve"),
    "fan": _undo_fan,
    "climate": _undo_climate,
    "media_player": _undo_media,
    "todo": _undo_todo,
    "lock": lambda state, call: ("lock" if state.state == "locked" else "unlock", {}),
    "vacuum": lambda state, call: (
        ("start", {}) if state.state == "cleaning" else ("return_to_base", {})
    ),
    "lawn_mower": lambda state, call: (
        ("start_mowing", {}) if state.state == "mowing" else ("dock", {})
    ),
    "select": lambda state, call: ("select_option", {"option": state.state}),
    "input_select": lambda state, call: ("select_option", {"option": state.state}),
    "number": lambda state, call: ("set_value", {"value": float(state.state or 0)}),
    "humidifier": lambda state, call: (
        ("set_humidity", {"humidity": state.attributes["humidity"]})
        if call.service.endswith("set_humidity") and "humidity" in state.attributes
        else (("turn_on" if state.state == "on" else "turn_off"), {})
    ),
    "alarm_control_panel": lambda state, call: (
        f"alarm_{(state.state or 'disarmed').replace('armed_', 'arm_', 1)}"
        if state.state != "disarmed"
        else "alarm_disarm",
        {},
    ),
}
