from datetime import UTC, datetime

import pytest

from hub.inbox import Message
from hub.intake import Intake, Rejected, read_message
from hub.topics import Topics

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
INTAKE = Intake(Topics(), {"kitchen": "kitchen"})


def message(payload: bytes, topic: str = "hearthd/command/kitchen", **more: object) -> Message:
    return Message(topic, payload, bool(more.pop("retain", False)), **more)  # type: ignore[arg-type]


def test_a_payload_that_is_no_object_is_the_sentence() -> None:
    request = read_message(message(b"lights off"), INTAKE, NOW)
    assert (request.text, request.site, request.area) == ("lights off", "kitchen", "kitchen")


def test_a_service_can_be_named_directly() -> None:
    payload = b'{"service": "light.turn_on", "entity_id": "light.x", "data": {"brightness": 9}}'
    request = read_message(message(payload), INTAKE, NOW)
    assert request.call is not None
    assert request.call.data == {"brightness": 9}


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "empty"),
        (b"   ", "empty"),
        (b"[1]", "JSON object"),
        (b'{"text": "on", "confirmed": true}', "confirmed"),
        (b'{"id": "", "text": "on"}', "id"),
        (b'{"id": 5, "text": "on"}', "id"),
        (b'{"text": "on", "ts": 0}', "expired"),
        (b'{"text": "on", "ts": -1}', "ts"),
        (b'{"text": "on", "ts": 32503680000000}', "future"),
        (b'{"service": "light.turn_on", "entity_id": "light/#"}', "entity_id"),
        (b'{"service": "light.turn_on"}', "entity_id"),
        (b'{"text": "a\\u0000b"}', "control"),
        (b"\xff\xfe", "UTF-8"),
        (b"x" * 70_000, "larger"),
    ],
)
def test_what_is_no_command_is_rejected_with_a_reason(payload: bytes, why: str) -> None:
    with pytest.raises(Rejected, match=why):
        read_message(message(payload), INTAKE, NOW)


def test_a_retained_command_is_ignored() -> None:
    with pytest.raises(Rejected, match="retained"):
        read_message(message(b"open the garage", retain=True), INTAKE, NOW)


def test_a_reply_cannot_be_steered_onto_a_device() -> None:
    with pytest.raises(Rejected, match="response topic"):
        read_message(message(b"lights on", response_topic="vendor/lock/set"), INTAKE, NOW)


@pytest.mark.parametrize("topic", ["hearthd/command/", "hearthd/command/a b", "other/command/x"])
def test_a_malformed_topic_is_rejected(topic: str) -> None:
    with pytest.raises(Rejected, match="not a command topic"):
        read_message(message(b"on", topic), INTAKE, NOW)
