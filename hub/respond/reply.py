"""The sentence that a person hears.

Uses the response templates of `home-assistant-intents` where the language has one for what
happened, and our own short English otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from devices.home import Home
from hub.respond.templates import render
from hub.values import Answer, Outcome, Status, StepOutcome

NOT_UNDERSTOOD = "Sorry, I couldn't understand that"


def reply_text(outcome: Outcome, home: Home, language: str) -> str:
    """What to say about an outcome."""
    plan = outcome.plan
    if outcome.status is Status.NOT_UNDERSTOOD:
        return render(language, "errors", "no_intent", {}) or NOT_UNDERSTOOD
    said = [text for answer in plan.answers if (text := _answer(answer, language))]
    if outcome.status in (Status.CLARIFY, Status.CONFIRM, Status.REFUSED, Status.ANSWERED):
        return " ".join(said) or "OK."
    failed = [step for step in outcome.steps if step.status is Status.FAILED]
    worked = [step for step in outcome.steps if step.status is not Status.FAILED]
    if worked and not said:
        said.append(_done(worked, home, language))
    elif worked and outcome.status is Status.FAILED and len(plan.answers) < 2:
        said.insert(0, _done(worked, home, language))
    said.extend(_failure(step, home) for step in failed)
    return " ".join(part for part in said if part) or "Done."


def _answer(answer: Answer, language: str) -> str:
    if answer.text is not None:
        return answer.text
    return render(language, answer.intent, answer.response, answer.variables) or ""


def _failure(step: StepOutcome, home: Home) -> str:
    entity = home.entities.get(step.action.call.entity_id)
    name = entity.name if entity else step.action.call.entity_id
    return f"{name}: {step.reason or 'that did not work'}."


_DONE: Mapping[str, str] = {
    "turn_on": "turned on", "turn_off": "turned off", "open_cover": "opening",
    "close_cover": "closing", "stop_cover": "stopped", "open_valve": "opening",
    "close_valve": "closing", "lock": "locked", "unlock": "unlocked", "open": "opened",
    "press": "pressed", "start": "started", "pause": "paused", "return_to_base": "returning",
    "start_mowing": "started", "dock": "returning", "media_pause": "paused",
    "media_play": "playing", "media_stop": "stopped", "media_next_track": "next",
    "media_previous_track": "previous", "clean_area": "cleaning", "alarm_disarm": "disarmed",
    "play_media": "playing", "select_option": "set", "set_value": "set",
    "set_temperature": "set", "set_hvac_mode": "set", "set_preset_mode": "set",
    "set_fan_mode": "set", "set_humidity": "set", "set_mode": "set", "volume_set": "volume set",
    "volume_up": "louder", "volume_down": "quieter", "set_percentage": "speed set",
}  # fmt: skip


def _done(steps: Sequence[StepOutcome], home: Home, language: str) -> str:
    names = [
        home.entities[s.action.call.entity_id].name
        for s in steps
        if s.action.call.entity_id in home.entities
    ]
    names = list(dict.fromkeys(names))
    call = steps[0].action.call
    same = all(
        s.action.call.service == call.service and s.action.call.data == call.data for s in steps
    )
    listed = _names(names)
    if not same:
        return f"Done: {listed}."
    what = _described(call.service.partition(".")[2], call.data)
    sent = "" if all(s.status is Status.DONE for s in steps) else " (sent; it does not report back)"
    return f"{listed}: {what}{sent}."


def _names(names: Sequence[str]) -> str:
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


_AMOUNTS = (
    "temperature", "position", "tilt_position", "percentage", "humidity", "option", "value",
    "hvac_mode", "preset_mode", "fan_mode", "swing_mode", "operation_mode", "mode", "source",
    "sound_mode", "fan_speed", "direction",
)  # fmt: skip
"""The data of a call that say to what something was set."""


def _described(service: str, data: Mapping[str, Any]) -> str:
    if service == "turn_on" and data:
        parts = []
        if "brightness_pct" in data:
            parts.append(f"{round(data['brightness_pct'])}%")
        if "color_name" in data:
            parts.append(str(data["color_name"]))
        if "color_temp_kelvin" in data:
            parts.append(f"{data['color_temp_kelvin']} K")
        if "effect" in data:
            parts.append(str(data["effect"]))
        return "set to " + ", ".join(parts) if parts else "turned on"
    said = next((data[key] for key in _AMOUNTS if key in data), None)
    if "volume_level" in data:
        return f"volume {round(float(data['volume_level']) * 100)}%"
    if "is_volume_muted" in data:
        return "muted" if data["is_volume_muted"] else "sound on"
    if said is not None:
        return f"set to {said}".replace("_", " ")
    if "target_temp_low" in data:
        return f"set to {data['target_temp_low']} to {data['target_temp_high']}"
    if "oscillating" in data:
        return "oscillating" if data["oscillating"] else "not oscillating"
    if service.startswith("alarm_arm"):
        return "armed"
    return _DONE.get(service, "done")
