"""What a service call does to a light: brightness, steps, colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devices.colors import RGB, hs_color, rgb_color
from devices.domains import InvalidServiceCall
from devices.home import Entity, EntityState

Changes = dict[str, Any]
FULL_BRIGHTNESS = 255
_REMEMBERED = "last_brightness"


def light(
    entity: Entity, state: EntityState, service: str, data: Mapping[str, Any]
) -> Changes | None:
    """See `devices.effects`. Raises `InvalidServiceCall` for a colour that does not exist."""
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
    return changes | _color(data)


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


def _color(data: Mapping[str, Any]) -> Changes:
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
