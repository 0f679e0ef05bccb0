"""Colours by name, as CSS Color Module Level 4 defines them (the part people say)."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping

RGB: Mapping[str, tuple[int, int, int]] = {
    "white": (255, 255, 255), "black": (0, 0, 0), "red": (255, 0, 0), "orange": (255, 165, 0),
    "yellow": (255, 255, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "purple": (128, 0, 128),
    "brown": (165, 42, 42), "pink": (255, 192, 203), "turquoise": (64, 224, 208),
    "cyan": (0, 255, 255), "magenta": (255, 0, 255), "violet": (238, 130, 238),
    "lime": (0, 255, 0), "teal": (0, 128, 128), "gold": (255, 215, 0), "indigo": (75, 0, 130),
    "lavender": (230, 230, 250), "salmon": (250, 128, 114), "coral": (255, 127, 80),
    "crimson": (220, 20, 60), "beige": (245, 245, 220), "maroon": (128, 0, 0), "navy": (0, 0, 128),
    "olive": (128, 128, 0), "aqua": (0, 255, 255), "skyblue": (135, 206, 235),
    "darkblue": (0, 0, 139), "lightblue": (173, 216, 230), "lightgreen": (144, 238, 144),
    "darkgreen": (0, 100, 0), "darkred": (139, 0, 0), "hotpink": (255, 105, 180),
    "royalblue": (65, 105, 225), "deeppink": (255, 20, 147), "forestgreen": (34, 139, 34),
    "ivory": (255, 255, 240), "khaki": (240, 230, 140), "plum": (221, 160, 221),
    "tomato": (255, 99, 71), "chocolate": (210, 105, 30), "gray": (128, 128, 128),
    "grey": (128, 128, 128), "silver": (192, 192, 192), "tan": (210, 180, 140),
    "peachpuff": (255, 218, 185), "mintcream": (245, 255, 250), "darkorange": (255, 140, 0),
}  # fmt: skip


def nearest_name(rgb: tuple[float, float, float]) -> str:
    """The name of the colour that comes nearest to RGB parts of 0 to 255."""
    return min(RGB, key=lambda name: sum((a - b) ** 2 for a, b in zip(RGB[name], rgb, strict=True)))


def hs_color(rgb: tuple[int, int, int]) -> tuple[float, float]:
    """Hue in degrees and saturation in percent of an RGB colour, as Home Assistant reports it."""
    hue, saturation, _ = colorsys.rgb_to_hsv(*(part / 255 for part in rgb))
    return round(hue * 360, 3), round(saturation * 100, 3)


def rgb_color(hs: tuple[float, float]) -> tuple[int, int, int]:
    """The RGB colour of full value for a hue in degrees and a saturation in percent."""
    parts = colorsys.hsv_to_rgb(hs[0] / 360, hs[1] / 100, 1.0)
    return round(parts[0] * 255), round(parts[1] * 255), round(parts[2] * 255)
