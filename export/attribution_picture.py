"""Draw what a model's answer hangs on: bars for words, a heat map for each layer's attention."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from export.answers import Attention
from export.attribution import Attribution

_FOR, _AGAINST = "#2563a8", "#c2541b"
_COLUMNS = 3


def draw(found: Attribution, path: Path) -> None:
    """Write `.svg`, `.png` or `.pdf`. Raises OSError, and ValueError for other endings."""
    from matplotlib.figure import Figure  # noqa: PLC0415

    rows = -(-len(found.attention) // _COLUMNS)
    height = 0.3 * len(found.words) + 1.2
    widest = max((len(a.columns) for a in found.attention), default=0)
    tall = 0.24 * max((len(a.rows) for a in found.attention), default=0) + 1.3
    width = max(7.0, min(_COLUMNS, len(found.attention)) * (0.24 * widest + 1.6))
    figure = Figure(figsize=(width, height + rows * tall), layout="constrained")
    grid = figure.add_gridspec(1 + rows, _COLUMNS, height_ratios=[height, *[tall] * rows])
    _draw_words(figure.add_subplot(grid[0, :]), found)
    for number, layer in enumerate(found.attention):
        _draw_map(figure.add_subplot(grid[1 + number // _COLUMNS, number % _COLUMNS]), layer)
    figure.savefig(path, dpi=120)


def _draw_words(axes: Any, found: Attribution) -> None:
    places = range(len(found.words))
    axes.barh(
        places, found.weights, color=[_FOR if value >= 0 else _AGAINST for value in found.weights]
    )
    axes.set_yticks(places, [_plain(word) for word in found.words])
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_title(_plain(f"{found.said}: what it loses without each word"), fontsize=10)


def _draw_map(axes: Any, layer: Attention) -> None:
    axes.imshow(layer.values, cmap="Blues", vmin=0, aspect="auto")
    axes.set_xticks(range(len(layer.columns)), [_plain(c) for c in layer.columns], rotation=90)
    axes.set_yticks(range(len(layer.rows)), [_plain(r) for r in layer.rows])
    axes.tick_params(labelsize=7)
    axes.set_title(f"attention, layer {layer.layer}", fontsize=9)


def _plain(text: str) -> str:
    """Matplotlib reads dollar signs as mathematics."""
    return text.replace("$", r"\$")
