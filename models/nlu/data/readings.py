"""What an intent implies: the domain that it is about."""

from __future__ import annotations

from collections.abc import Mapping

DOMAIN_OF_INTENT: Mapping[str, str] = {
    "HassLightSet": "light",
    "HassClimateSetTemperature": "climate",
    "HassClimateGetTemperature": "climate",
    "HassClimateSetFanMode": "climate",
    "HassFanSetSpeed": "fan",
    "HassGetWeather": "weather",
    "HassVacuumStart": "vacuum",
    "HassVacuumReturnToBase": "vacuum",
    "HassVacuumCleanArea": "vacuum",
    "HassLawnMowerStartMowing": "lawn_mower",
    "HassLawnMowerDock": "lawn_mower",
    **dict.fromkeys(
        (
            "HassShoppingListAddItem", "HassShoppingListCompleteItem", "HassListAddItem",
            "HassListCompleteItem", "HassListRemoveItem", "HassGetListItems",
        ),
        "todo",
    ),
    **dict.fromkeys(
        (
            "HassMediaPause", "HassMediaUnpause", "HassMediaNext", "HassMediaPrevious",
            "HassSetVolume", "HassMediaPlayerMute", "HassMediaPlayerUnmute",
            "HassSetVolumeRelative", "HassMediaSearchAndPlay",
        ),
        "media_player",
    ),
    **dict.fromkeys(
        (
            "HassStartTimer", "HassCancelAllTimers", "HassCancelTimer", "HassIncreaseTimer",
            "HassDecreaseTimer", "HassPauseTimer", "HassUnpauseTimer", "HassTimerStatus",
        ),
        "timer",
    ),
}  # fmt: skip
