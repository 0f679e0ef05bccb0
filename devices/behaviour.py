"""What a service call does to a state: the behaviour of a well-made device, as pure functions.

Used by `rehearse` and the simulator to act, and by the hub to know what to expect of a real device
and how to undo. States and attributes are Home Assistant's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from devices.colors import RGB, hs_color, rgb_color
from devices.domains import InvalidServiceCall, check_call
from devices.home import Entity, EntityState
from devices.services import ServiceCall

Changes = dict[str, Any]
"""New attribute values; the key "state" is the state itself, and None removes an attribute."""

FULL_BRIGHTNESS = 255
_REMEMBERED = "last_brightness"


def apply(entity: Entity, state: EntityState, call: ServiceCall, now: datetime) -> EntityState:
    """The state after the call, when everything that moves has arrived.

    Raises `InvalidServiceCall` for what the domain does not know or the entity cannot do.
    """
    changes = effect(entity, state, call)
    attributes = dict(state.attributes)
    new_state = changes.pop("state", state.state)
    for key, value in changes.items():
        if value is None:
            attributes.pop(key, None)
        else:
            attributes[key] = value
    changed = now if new_state != state.state else state.changed
    return replace(state, state=new_state, attributes=attributes, changed=changed)


def effect(entity: Entity, state: EntityState, call: ServiceCall) -> Changes:
    """What the call changes. Raises `InvalidServiceCall`."""
    check_call(call)
    domain, _, service = call.service.partition(".")
    handler = _HANDLERS.get(domain)
    changes = handler(entity, state, service, call.data) if handler else None
    if changes is None:
        raise InvalidServiceCall(f"{entity.name} cannot do {call.service}")
    return changes


def expected(entity: Entity, state: EntityState, call: ServiceCall) -> Mapping[str, Any]:
    """What the device should report after the call: "state" and the attributes that it reports."""
    if not entity.reports_state:
        return {}
    changes = effect(entity, state, call)
    return {key: value for key, value in changes.items() if key in _REPORTED and value is not None}


_REPORTED = frozenset(
    [
        "state",
        "brightness",
        "current_position",
        "current_tilt_position",
        "percentage",
        "temperature",
        "volume_level",
        "is_volume_muted",
        "preset_mode",
        "fan_mode",
        "hvac_mode",
        "humidity",
        "color_temp_kelvin",
    ]
)


def inverse(entity: Entity, state: EntityState, call: ServiceCall) -> ServiceCall | None:
    """The call that brings back the state before `call`, or None where there is none."""
    domain = call.service.partition(".")[0]
    build = _INVERSES.get(domain)
    if build is None or state.state is None:
        return None
    undo = build(state, call)
    return ServiceCall(call.entity_id, f"{domain}.{undo[0]}", undo[1]) if undo else None


# --- effects, one function a domain: (entity, state, service, data) -> changes ---------------


def _switched(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    return {"turn_on": {"state": "on"}, "turn_off": {"state": "off"}}.get(service)


def _light(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    if service == "turn_off":
        gone: Changes = dict.fromkeys(("brightness", "rgb_color", "hs_color", "color_temp_kelvin"))
        if "brightness" in state.attributes:
            gone[_REMEMBERED] = state.attributes["brightness"]
        return {"state": "off", **gone}
    brightness = _brightness(state, data)
    if brightness is not None and brightness <= 0:
        return {"state": "off", "brightness": None}
    changes: Changes = {"state": "on"}
    if brightness is not None and _can(entity, "brightness"):
        changes["brightness"] = min(FULL_BRIGHTNESS, brightness)
    elif state.state != "on" and _REMEMBERED in state.attributes:
        changes["brightness"] = state.attributes[_REMEMBERED]
    return changes | _light_color(data)


def _can(entity: Entity, feature: str) -> bool:
    return entity.features is None or feature in entity.features


def _brightness(state: EntityState, data: Mapping[str, Any]) -> int | None:
    now: Any = state.attributes.get("brightness") or state.attributes.get(_REMEMBERED)
    current: float = now if state.state == "on" and now is not None else 0
    if state.state == "on" and now is None:
        current = FULL_BRIGHTNESS
    if "brightness" in data:
        return int(data["brightness"])
    if "brightness_pct" in data:
        return round(float(data["brightness_pct"]) * FULL_BRIGHTNESS / 100)
    if "brightness_step" in data:
        return int(max(0.0, current + float(data["brightness_step"])))
    if "brightness_step_pct" in data:
        step = float(data["brightness_step_pct"]) * FULL_BRIGHTNESS / 100
        return round(max(0.0, current + step))
    return None


def _light_color(data: Mapping[str, Any]) -> Changes:
    if "color_temp_kelvin" in data:
        return {
            "color_temp_kelvin": data["color_temp_kelvin"],
            "color_mode": "color_temp",
            "rgb_color": None,
            "hs_color": None,
        }
    rgb: tuple[int, int, int] | None = None
    if "color_name" in data:
        rgb = RGB.get(str(data["color_name"]).replace(" ", "").lower())
        if rgb is None:
            raise InvalidServiceCall(f"there is no colour {data['color_name']!r}")
    elif "rgb_color" in data:
        red, green, blue = data["rgb_color"]
        rgb = (red, green, blue)
    elif "hs_color" in data:
        hue, saturation = data["hs_color"]
        rgb = rgb_color((hue, saturation))
    changes: Changes = {"effect": data["effect"]} if "effect" in data else {}
    if rgb is not None:
        changes |= {
            "rgb_color": list(rgb),
            "hs_color": list(hs_color(rgb)),
            "color_mode": "hs",
            "color_temp_kelvin": None,
        }
    return changes


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

_HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(
        ("switch", "input_boolean", "siren", "script", "automation", "camera"), _switched
    ),
    **dict.fromkeys(("button", "input_button", "scene", "notify", "update"), _momentary),
    **dict.fromkeys(("select", "input_select"), _valued("option")),
    **dict.fromkeys(("number", "input_number", "text", "input_text"), _valued("value")),
    "light": _light,
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


# --- inverses, one function a domain: (state before, call) -> service and data --------------

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


_INVERSES: Mapping[str, Callable[[EntityState, ServiceCall], Undo]] = {
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
