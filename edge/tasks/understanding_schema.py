"""What the understanding model says: its label sets, and the reading that is made of its outputs.

One encoder pass over a sentence gives, per token, linear scores for every head below. A clause is
a run of tokens that starts where `clause_start` says so; the clause's intent and attributes are
read from the mean of its tokens' scores, so one pass reads any number of clauses. Slot tags are BIO
over `SLOTS`. `models/nlu` trains exactly these heads and `edge.tasks.understand` decodes them.

Intent names are those of `home-assistant-intents`; our additions have the same form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NONE = "none"

INTENTS: tuple[str, ...] = (
    NONE,  # not for us; also what padding clauses get
    # home-assistant-intents
    "HassTurnOn",  # also: open, lock, activate scene/script, press button, start
    "HassTurnOff",  # also: close, unlock
    "HassGetState",
    "HassNevermind",
    "HassRespond",  # greetings, "who made you", "what can I say"
    "HassBroadcast",
    "HassSetPosition",
    "HassGetCurrentDate",
    "HassGetCurrentTime",
    "HassLightSet",  # brightness, colour, colour temperature; absolute or relative
    "HassClimateSetTemperature",  # absolute or relative
    "HassClimateGetTemperature",
    "HassClimateSetFanMode",
    "HassShoppingListAddItem",
    "HassShoppingListCompleteItem",
    "HassGetWeather",
    "HassListAddItem",
    "HassListCompleteItem",
    "HassListRemoveItem",
    "HassVacuumStart",
    "HassVacuumReturnToBase",
    "HassVacuumCleanArea",
    "HassMediaPause",
    "HassMediaUnpause",
    "HassMediaNext",
    "HassMediaPrevious",
    "HassSetVolume",
    "HassMediaPlayerMute",
    "HassMediaPlayerUnmute",
    "HassSetVolumeRelative",
    "HassMediaSearchAndPlay",
    "HassStartTimer",
    "HassCancelAllTimers",
    "HassCancelTimer",
    "HassIncreaseTimer",
    "HassDecreaseTimer",
    "HassPauseTimer",
    "HassUnpauseTimer",
    "HassTimerStatus",
    "HassFanSetSpeed",  # absolute or relative
    "HassLawnMowerStartMowing",
    "HassLawnMowerDock",
    # ours
    "HassToggle",
    "HassStopMoving",  # a cover, valve, vacuum or mower in motion
    "HassClimateSetMode",  # "set the thermostat to heat", presets too
    "HassHumidifierSetpoint",
    "HassSetValue",  # number, select, text, humidifier mode, fan preset
    "HassAlarmArm",
    "HassAlarmDisarm",
    "HassGetListItems",  # "what is on my shopping list"
    "HassGetCalendarEvents",  # "who am I meeting for dinner", "am I away today"
    "HassGetSchedule",  # "what is scheduled"
    "HassCancelSchedule",
    "HassUndo",
    "HassRepeat",
    "HassExplain",  # "what did you just do", "why"
    "HassConfirm",  # "yes", "go ahead", a bare PIN
    "HassFollowUp",  # no verb of its own: "and the bathroom too", "I meant the bedroom"
)

DOMAINS: tuple[str, ...] = (
    NONE, "light", "switch", "cover", "fan", "climate", "lock", "media_player", "vacuum", "valve",
    "scene", "script", "sensor", "binary_sensor", "humidifier", "water_heater", "lawn_mower",
    "siren", "alarm_control_panel", "camera", "person", "weather", "todo", "calendar", "timer",
    "button", "select", "number", "text", "update", "automation", "notify", "device_tracker",
)  # fmt: skip

DEVICE_CLASSES: tuple[str, ...] = (
    NONE, "awning", "blind", "curtain", "damper", "door", "garage", "gate", "shade", "shutter",
    "window", "outlet", "tv", "speaker", "temperature", "humidity", "battery", "motion",
    "occupancy", "presence", "smoke", "carbon_monoxide", "gas", "moisture", "power", "energy",
    "illuminance", "pressure", "carbon_dioxide", "pm25", "vibration", "sound", "tamper", "problem",
    "plug", "light", "lock", "opening", "connectivity", "battery_charging", "cold", "heat",
    "running", "safety", "water", "coffee",
)  # fmt: skip

DIRECTIONS: tuple[str, ...] = (NONE, "up", "down")
"""Of a relative wish ("brighter", "a bit warmer", "volume down by 20%")."""

QUESTIONS: tuple[str, ...] = (
    NONE, "yesno", "any", "all", "which", "how_many", "value", "where", "since", "why",
)  # fmt: skip

SCOPES: tuple[str, ...] = (NONE, "one", "all", "here")
"""`all`: "all the lights", "everything", plural; `one`: a definite single thing ("the light");
`here`: "in here", "this room"."""

ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "domain": DOMAINS,
    "device_class": DEVICE_CLASSES,
    "direction": DIRECTIONS,
    "question": QUESTIONS,
    "scope": SCOPES,
}

SLOTS: tuple[str, ...] = (
    "name",  # what a device, scene, person, timer or list entry is called: "bedroom lamp", "pizza"
    "area",
    "floor",
    "device",  # the generic word for the thing: "lights", "blinds", "thermostat", "vacuum"
    "except",  # the excluded place or thing, without the word "except"
    "value",  # "50%", "half", "max", "a bit", "21 degrees", "eco", "3": any amount or option
    "color",  # "red", "warm white", "2700 kelvin", "candle light"
    "state",  # "open", "locked", "on", as asked about
    "duration",  # "5 minutes", "half an hour": a timer's or an action's length, or its change
    "start_duration",  # "the 30 seconds timer": the length a timer was started with
    "delay",  # "in ten minutes" (whole phrase)
    "time",  # "at half past six", "every weekday at seven", "tomorrow morning", "until sunset"
    "condition",  # "when the washing machine is done", "if it is above 23 degrees"
    "item",  # of a list
    "list",  # "shopping", "to do", "holiday"
    "message",  # to broadcast
    "query",  # what to play, which event is asked about
    "media_class",  # "album", "podcast"
)

LANGUAGES: tuple[str, ...] = (
    "ar", "bg", "ca", "cs", "da", "de", "en", "es", "fi", "fr", "hu", "it", "nl", "pl", "pt",
    "pt-BR", "ro", "ru", "sk", "sl", "sv", "tr", "uk", "zh-CN",
)  # fmt: skip
"""What a sentence may be spoken in, named as `home-assistant-intents` names them."""

TAGS: tuple[str, ...] = ("O", *(f"{p}-{s}" for s in SLOTS for p in ("B", "I")))


@dataclass(frozen=True, slots=True)
class Span:
    """A slot: characters `start` to `end` of the sentence; `confidence` in [0, 1]."""

    start: int
    end: int
    slot: str
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Scored:
    """A label and its calibrated probability, in [0, 1]."""

    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TokenReading:
    """One token as the model saw it, for explanations."""

    start: int
    end: int
    text: str
    tag: str
    confidence: float
    clause_start: float


@dataclass(frozen=True, slots=True)
class ClauseReading:
    """One wish of the sentence. `intents` holds the best three, best first; `attributes` has one
    entry for each key of `ATTRIBUTES`."""

    start: int
    end: int
    text: str
    intents: tuple[Scored, ...]
    attributes: Mapping[str, Scored]
    spans: tuple[Span, ...]

    @property
    def intent(self) -> str:
        """The most probable intent."""
        return self.intents[0].label


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole sentence. `for_us` is the calibrated probability that it is meant for the home;
    `languages` has the best three of `LANGUAGES`, best first."""

    text: str
    for_us: float
    clauses: tuple[ClauseReading, ...]
    tokens: tuple[TokenReading, ...]
    languages: tuple[Scored, ...] = ()
