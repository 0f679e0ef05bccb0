"""The sentence that a person hears.

Uses the response templates of `home-assistant-intents` where the language has one for what
happened, and our own short English otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from devices.home import Home
from devices.services import ServiceCall
from hub.languages import Lexicon, Phrase, lexicon
from hub.languages.phrases import listed
from hub.respond.templates import render
from hub.values import Answer, Outcome, Plan, Status, StepOutcome

NOT_UNDERSTOOD = "Sorry, I couldn't understand that"


def reply_text(outcome: Outcome, home: Home, language: str) -> str:
    """What to say about an outcome."""
    plan = outcome.plan
    if outcome.status is Status.NOT_UNDERSTOOD:
        return render(language, "errors", "no_intent", {}) or NOT_UNDERSTOOD
    texts = [text for answer in plan.answers if (text := _answer(answer, language))]
    said = list(dict.fromkeys(texts))
    if outcome.status in (Status.CLARIFY, Status.CONFIRM, Status.REFUSED, Status.ANSWERED):
        return " ".join(said) or "OK."
    failed = [step for step in outcome.steps if step.status is Status.FAILED]
    worked = [step for step in outcome.steps if step.status is not Status.FAILED]
    if worked and not said:
        said.append(_done(worked, home, language))
        said += [told.within(language) for told in _untils(plan)]
    elif worked and outcome.status is Status.FAILED and len(plan.answers) < 2:
        said.insert(0, _done(worked, home, language))
    said.extend(_failure(step, home, language) for step in failed)
    return " ".join(part for part in said if part) or lexicon(language).say("done")


def _untils(plan: Plan) -> list[Phrase]:
    """Until when what was done stays so, where it is put back later."""
    told = (effect.data.get("undone") for effect in plan.effects)
    return list(dict.fromkeys(each for each in told if isinstance(each, Phrase)))


def _answer(answer: Answer, language: str) -> str:
    if isinstance(answer.text, Phrase):
        return answer.text.within(language)
    if answer.text is not None:
        return answer.text
    return render(language, answer.intent, answer.response, answer.variables) or ""


def _failure(step: StepOutcome, home: Home, language: str) -> str:
    entity = home.entities.get(step.action.call.entity_id)
    name = entity.name if entity else step.action.call.entity_id
    if lexicon(language).language == "en":
        return f"{name}: {step.reason or 'that did not work'}."
    reason = "unavailable" if step.reason and "unavailable" in step.reason else "failed"
    return f"{name}: {lexicon(language).say(reason)}."


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
    reported = all(s.status is Status.DONE for s in steps)
    if lexicon(language).language != "en":
        return _done_in(lexicon(language), names, call if same else None, reported)
    told = _names(names)
    if not same:
        return f"Done: {told}."
    what = _described(call.service.partition(".")[2], call.data)
    sent = "" if reported else " (sent; it does not report back)"
    return f"{told}: {what}{sent}."


def _done_in(words: Lexicon, names: Sequence[str], call: ServiceCall | None, reported: bool) -> str:
    """What was done, in a language other than English."""
    told = listed(names, words.language)
    if len(names) > 4:
        some = (", " if words.spaced else "、").join(names[:3])
        told = words.say("more", names=some, count=len(names) - 3)
    sent = "" if reported else f" ({words.say('sent')})"
    amount = _amount(call.data) if call else None
    service = call.service.partition(".")[2] if call else ""
    if amount is None and service not in _SAID:
        return words.say("done_for", names=told + sent)
    what = words.say(_SAID[service]) if amount is None else words.say("set_to", value=amount)
    return f"{told}: {what}{sent}."


_SAID: Mapping[str, str] = {
    "turn_on": "on", "turn_off": "off", "open_cover": "opening", "close_cover": "closing",
    "open_valve": "opening", "close_valve": "closing", "stop_cover": "stopped", "lock": "locked",
    "unlock": "unlocked", "start": "started", "start_mowing": "started", "media_play": "started",
    "pause": "paused", "media_pause": "paused", "media_stop": "stopped",
}  # fmt: skip
"""The phrases for services, where there is one."""


def _amount(data: Mapping[str, Any]) -> str | None:
    """What something was set to, in signs that all languages share."""
    shown: Mapping[str, Callable[[Any], str]] = {
        "brightness_pct": lambda v: f"{round(v)} %",
        "color_temp_kelvin": lambda v: f"{v} K",
        "volume_level": lambda v: f"{round(float(v) * 100)} %",
        "position": lambda v: f"{v} %",
        "percentage": lambda v: f"{v} %",
        "humidity": lambda v: f"{v} %",
        "temperature": lambda v: f"{v} °",
    }
    parts = [show(data[key]) for key, show in shown.items() if key in data]
    return ", ".join(parts) or None


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
