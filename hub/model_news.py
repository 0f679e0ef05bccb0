"""What a model brings with it for the hub: its thresholds, its languages, and the news that it has
taken over or could not."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from edge.errors import ArtefactError, EdgeError
from edge.serving import Tell, Understanding
from hub.config import House as HouseSettings
from hub.config import Settings
from hub.fault_log import report_model
from hub.ground.sentence import Thresholds
from hub.hub import Hub, announce


def thresholds_of(settings: Settings, model: Understanding) -> Thresholds:
    """The configuration's where it has one, else the model's."""
    wanted = settings.model.for_us_threshold
    languages = tuple(model.manifest.languages)
    if wanted is not None:
        return Thresholds(wanted, languages=languages)
    chosen = model.settings
    return Thresholds(
        chosen.for_us_threshold, languages=languages, for_us_in=chosen.for_us_thresholds
    )


def spoken(house: HouseSettings, readable: tuple[str, ...]) -> tuple[str, ...]:
    """The languages of the house that the model reads, the usual one first."""
    wanted = dict.fromkeys([house.language, *(house.languages or ["en"])])
    return tuple(language for language in wanted if language in readable)


def read_with(hub: Hub, model: Understanding) -> None:
    """Another model has taken over."""
    settings, world = hub.settings, hub.world
    world.thresholds = thresholds_of(settings, model)
    world.languages = spoken(settings.house, world.thresholds.languages)
    announce(hub, "model", {"serving": model.engine})


def announcing(hub: Hub) -> Tell:
    """Tells the log, and whoever listens, that a model could not take over. From any thread."""
    loop = asyncio.get_running_loop()

    def tell(error: EdgeError) -> None:
        report_model(error)
        reason = error.reason if isinstance(error, ArtefactError) else str(error)
        with suppress(RuntimeError):  # the hub has ended meanwhile
            loop.call_soon_threadsafe(announce, hub, "model", {"failed": reason})

    return tell
