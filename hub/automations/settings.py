"""What the configuration says for automations: where their file lies, and where the house is."""

from __future__ import annotations

from pathlib import Path

from hub.automations.moments import Place
from hub.config import Settings


def automations_path(settings: Settings) -> Path:
    """Where the file lies."""
    named = settings.automations.file
    return named.expanduser() if named else settings.storage.directory / "automations.yaml"


def place_of(settings: Settings) -> Place | None:
    """Where the house is, if the configuration says so."""
    house = settings.house
    if house.latitude is None or house.longitude is None:
        return None
    return Place(house.latitude, house.longitude)
