"""Bytes to Request: validate, date, deduplicate; only what is written down is acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from pydantic import ValidationError

from devices.payload import COMMAND, PayloadError, decode_json, decode_text
from devices.services import ServiceCall
from hub.inbox import Message
from hub.messages import Command
from hub.spoken_pin import take_out
from hub.topics import Topics
from hub.values import Request, SkillCall

TEXT_LIMIT = 2000


class Rejected(ValueError):
    """A message that is no command. The message says why; `id` where one could be read."""

    def __init__(self, reason: str, request_id: str | None = None) -> None:
        self.request_id = request_id
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Intake:
    """What intake needs to know: topics, where the sites are, how old a command may be, and
    whether there are PINs that may be spoken in a sentence."""

    topics: Topics
    site_areas: dict[str, str]
    max_age: timedelta = timedelta(seconds=30)
    max_ahead: timedelta = timedelta(minutes=5)
    spoken_pins: bool = False


def read_message(message: Message, intake: Intake, now: datetime) -> Request:
    """A validated request. Raises `Rejected`."""
    site = intake.topics.site_of(message.topic)
    if site is None:
        raise Rejected(f"{message.topic!r} is not a command topic")
    if message.retain:
        raise Rejected("retained commands are ignored: they would be repeated at every start")
    if message.response_topic and not intake.topics.allows_reply(message.response_topic):
        raise Rejected(f"the response topic must lie under {intake.topics.prefix}/reply/")
    command = parse(message.payload)
    _check_age(command, intake, now)
    text, pin = command.text or "", command.pin
    if intake.spoken_pins and pin is None:
        text, pin = take_out(text)
    call = None
    if command.service is not None and command.entity_id is not None:
        call = ServiceCall(command.entity_id, command.service, command.data or {})
    skill = None
    if command.skill is not None and command.verb is not None:
        skill = SkillCall(command.skill, command.verb, command.data or {})
    return Request(
        id=command.id or uuid4().hex,
        trace=uuid4().hex,
        text=text,
        site=site,
        session=command.session or site,
        received=now,
        language=command.language,
        area=command.area or intake.site_areas.get(site),
        user=command.user,
        pin=pin,
        call=call,
        challenge=command.challenge,
        skill=skill,
    )


def parse(payload: bytes) -> Command:
    """A payload as a command; what is not a JSON object is the sentence itself.

    Raises `Rejected`.
    """
    try:
        text = decode_text(payload, COMMAND)
        if not text.lstrip().startswith(("{", "[", '"')):
            return _sentence(text)
        raw = decode_json(payload, COMMAND)
    except PayloadError as error:
        raise Rejected(str(error)) from error
    if isinstance(raw, str):
        return _sentence(raw)
    if not isinstance(raw, dict):
        raise Rejected("expected a sentence or a JSON object")
    try:
        command = Command.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        known = raw.get("id")
        raise Rejected(
            f"{key}: {reason}" if key else reason, known if isinstance(known, str) else None
        ) from error
    if _has_control(command):
        raise Rejected("control characters are not allowed", command.id)
    return command


def _sentence(text: str) -> Command:
    if not text.strip():
        raise Rejected("an empty command")
    if len(text) > TEXT_LIMIT:
        raise Rejected(f"a sentence of more than {TEXT_LIMIT} characters")
    return Command(text=text)


def _has_control(command: Command) -> bool:
    return any(
        isinstance(value, str) and any(ord(c) < 32 and c not in "\n\t\r" for c in value)
        for value in (command.text, command.user, command.area, command.language)
    )


def _check_age(command: Command, intake: Intake, now: datetime) -> None:
    if command.ts is None:
        return
    try:
        said = datetime.fromtimestamp(command.ts / 1000, tz=now.tzinfo)
    except (OverflowError, OSError, ValueError) as error:
        raise Rejected("ts: out of range", command.id) from error
    if said > now + intake.max_ahead:
        raise Rejected("ts: lies in the future", command.id)
    if said < now - intake.max_age:
        age = round((now - said).total_seconds())
        raise Rejected(f"expired: said {age} seconds ago; nothing was done", command.id)
