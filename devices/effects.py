"""What a service call does to a state, one function a domain.

Each takes entity, state, service and data, and returns the changes, or None for what it cannot do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from devices.domains import InvalidServiceCall
from devices.home import Entity, EntityState
from devices.light_effects import light

Changes = dict[str, Any]
"""New attribute values; the key "state" is the state itself, and None removes an attribute."""


def _switched(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    return {"turn_on": {"state": "on"}, "turn_off": {"state": "off"}}.get(service)


def _opening(position: str, states: tuple[str, str], services: Mapping[str, int | None]) -> Any:
    """Handler of covers and valves: `services` maps to the position reached, None for "stop"."""
    opened, shut = states

    def handle(
        entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
    ) -> Changes | None:
        if "tilt" in service:
            tilt = {"open_cover_tilt": 100, "close_cover_tilt": 0}.get(service)
            return {"current_tilt_position": data.get("tilt_position") if tilt is None else tilt}
        if service not in services and "position" not in data:
            return None
        target = services.get(service, data.get("position"))
        if target is None:
            return {"state": opened if state.state in ("opening", opened) else state.state}
        changes: Changes = {"state": opened if target > 0 else shut}
        if position in state.attributes or "position" in data:
            changes[position] = target
        return changes

    return handle


def _fan(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    if service == "turn_off":
        return {"state": "off", "percentage": 0 if "percentage" in state.attributes else None}
    if service == "oscillate":
        return {"oscillating": data.get("oscillating", True)}
    if service == "set_direction":
        return {"direction": data.get("direction")}
    changes: Changes = {"state": "on"}
    if service == "set_preset_mode":
        return {**changes, "preset_mode": data["preset_mode"]}
    if "percentage" in data:
        percentage = data["percentage"]
        changes = {"state": "on" if percentage > 0 else "off", "percentage": percentage}
    elif state.state != "on" and "percentage" in state.attributes:
        changes["percentage"] = state.attributes["percentage"] or 100
    if "preset_mode" in data:
        changes["preset_mode"] = data["preset_mode"]
    return changes


def _climate(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    modes = [mode for mode in entity.options.get("hvac_modes", ()) if mode != "off"]
    if service == "turn_off":
        return {"state": "off"}
    if service == "turn_on":
        preferred = next((m for m in ("heat_cool", "heat", "cool", "auto") if m in modes), None)
        return {"state": preferred or (modes[0] if modes else "heat")}
    if service == "set_hvac_mode":
        return {"state": data["hvac_mode"]}
    if service == "set_temperature":
        changes: Changes = {k: v for k, v in data.items() if k != "hvac_mode"}
        if "hvac_mode" in data:
            changes["state"] = data["hvac_mode"]
        return changes
    return dict(data)


def _humidity(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    return _switched(entity, state, service, data) or dict(data)


def _lock(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    reached = {"lock": "locked", "unlock": "unlocked", "open": "open"}
    return {"state": reached[service]}


def _media_player(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    states = {
        "turn_on": "on",
        "turn_off": "off",
        "media_play": "playing",
        "media_pause": "paused",
        "media_stop": "idle",
    }
    if service in states:
        return {"state": states[service]}
    level = float(state.attributes.get("volume_level", 0.5))
    if service == "volume_up":
        return {"volume_level": round(min(1.0, level + 0.1), 3)}
    if service == "volume_down":
        return {"volume_level": round(max(0.0, level - 0.1), 3)}
    if service == "play_media":
        return {"state": "playing", "media_title": data.get("media_content_id")}
    if service.startswith("media_"):
        return {"state": "playing"}
    return dict(data)


def _vacuum(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    reached = {
        "start": "cleaning",
        "clean_spot": "cleaning",
        "clean_area": "cleaning",
        "send_command": "cleaning",
        "pause": "paused",
        "stop": "idle",
        "return_to_base": "returning",
        "locate": state.state,
    }
    if service == "set_fan_speed":
        return {"fan_speed": data["fan_speed"]}
    changes: Changes = {"state": reached.get(service)}
    if "area" in data:
        changes["area"] = data["area"]
    return changes


def _lawn_mower(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    return {"state": {"start_mowing": "mowing", "pause": "paused", "dock": "docked"}[service]}


def _alarm(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    if service == "alarm_disarm":
        return {"state": "disarmed"}
    if service == "alarm_trigger":
        return {"state": "triggered"}
    return {"state": service.replace("alarm_arm_", "armed_")}


def _valued(key: str) -> Any:
    def handle(
        entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
    ) -> Changes | None:
        if key not in data:
            return None
        value = data[key]
        options = entity.options.get("options")
        if options and value not in options:
            raise InvalidServiceCall(f"{entity.name} has no option {value!r}")
        low, high = entity.options.get("min"), entity.options.get("max")
        if isinstance(value, int | float) and (
            (low is not None and value < low) or (high is not None and value > high)
        ):
            raise InvalidServiceCall(f"{entity.name} goes from {low} to {high}")
        return {"state": f"{value:g}" if isinstance(value, int | float) else value}

    return handle


def _momentary(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    return {}


def _water_heater(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    if service == "set_operation_mode":
        return {"state": data["operation_mode"]}
    return _switched(entity, state, service, data) or dict(data)


def _todo(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    items = [dict(item) for item in state.attributes.get("items", ())]
    wanted = str(data.get("item", "")).casefold()
    at = next((i for i, x in enumerate(items) if str(x["summary"]).casefold() == wanted), None)
    if service == "add_item":
        items.append({"summary": data.get("item"), "status": "needs_action"})
    elif at is None:
        raise InvalidServiceCall(f"{data.get('item')!r} is not on {entity.name}")
    elif service == "remove_item":
        del items[at]
    else:
        items[at]["status"] = data.get("status", items[at]["status"])
        items[at]["summary"] = data.get("rename", items[at]["summary"])
    open_items = sum(item["status"] == "needs_action" for item in items)
    return {"items": items, "state": str(open_items)}


Handler = Callable[[Entity, EntityState, str, Mapping[str, Any]], Changes | None]

HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(
        ("switch", "input_boolean", "siren", "script", "automation", "camera"), _switched
    ),
    **dict.fromkeys(("button", "input_button", "scene", "notify", "update"), _momentary),
    **dict.fromkeys(("select", "input_select"), _valued("option")),
    **dict.fromkeys(("number", "input_number", "text", "input_text"), _valued("value")),
    "light": light,
    "cover": _opening(
        "current_position", ("open", "closed"),
        {"open_cover": 100, "close_cover": 0, "stop_cover": None},
    ),
    "valve": _opening(
        "current_position", ("open", "closed"),
        {"open_valve": 100, "close_valve": 0, "stop_valve": None},
    ),
    "fan": _fan,
    "climate": _climate,
    "humidifier": _humidity,
    "lock": _lock,
    "media_player": _media_player,
    "vacuum": _vacuum,
    "lawn_mower": _lawn_mower,
    "alarm_control_panel": _alarm,
    "water_heater": _water_heater,
    "todo": _todo,
}  # fmt: skip
