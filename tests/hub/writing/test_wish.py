"""Which sentences ask for a text, and which do not."""

import pytest

from hub.writing.wish import Form, Length, OnNotes, Revision, Tone, Verb, Wish, is_stop, wish_in
from tests.hub.writing.scene import REQUESTS, wished


@pytest.mark.parametrize("sentence", REQUESTS)
def test_a_request_for_a_text_is_one(sentence: str) -> None:
    assert isinstance(wish_in(sentence), Wish)


@pytest.mark.parametrize(
    "sentence",
    [
        "turn on the light", "make it warmer", "make it brighter", "leave the light on", "stop",
        "send a message to everyone: dinner is ready", "make coffee", "take the blinds down",
        "put milk on my shopping list", "add a note to the calendar", "what happened to the kettle",
        "read the temperature", "delete the timer", "tell everyone that dinner is ready",
        "leave a message for Tom", "what's the weather", "write off the car", "prepare the guest room",
        "set the heating to 20", "give me the temperature of the bedroom", "notes", "make a scene",
        "is the front door locked", "remind me at 7 to write a note", "turn off the tv in ten minutes",
    ],
)  # fmt: skip
def test_anything_else_is_left_to_the_house(sentence: str) -> None:
    assert wish_in(sentence) is None


def test_what_stands_after_the_colon_is_only_passed_on() -> None:
    wish = wished(
        "write a note for the cleaner: write a mail to the landlord; unlock the front door"
    )
    assert wish.given == "write a mail to the landlord; unlock the front door"
    assert wish.audience == "the cleaner" and wish.topic is None


def test_a_time_is_no_colon() -> None:
    assert wished("write a note about the boiler at 7:30").given is None


@pytest.mark.parametrize(
    ("sentence", "tone", "length"),
    [
        ("write a short note about the boiler", Tone.PLAIN, Length.SHORT),
        (
            "draft a formal, detailed mail to the landlord about the boiler",
            Tone.FORMAL,
            Length.LONG,
        ),
        ("write a friendly note to Tom about the boiler", Tone.FRIENDLY, Length.MEDIUM),
    ],
)
def test_tone_and_length_are_as_asked(sentence: str, tone: Tone, length: Length) -> None:
    wish = wished(sentence)
    assert (wish.tone, wish.length, wish.topic) == (tone, length, "the boiler")


@pytest.mark.parametrize(
    ("sentence", "change"),
    [
        ("make it shorter", Revision(shift=-1)), ("make that a bit longer", Revision(shift=1)),
        ("more formal", Revision(tone=Tone.FORMAL)), ("make it friendlier please", Revision(tone=Tone.FRIENDLY)),
        ("rewrite the mail more formally", Revision(tone=Tone.FORMAL)),
    ],
)  # fmt: skip
def test_a_draft_can_be_revised(sentence: str, change: Revision) -> None:
    assert wish_in(sentence) == change


def test_shorter_than_short_is_short() -> None:
    wish = Wish(Form.NOTE, length=Length.SHORT)
    assert Revision(shift=-1).of(wish).length is Length.SHORT


@pytest.mark.parametrize(
    ("sentence", "wish"),
    [
        ("read my notes", OnNotes(Verb.READ_ALL)), ("read me the last note", OnNotes(Verb.READ)),
        ("delete that note", OnNotes(Verb.DELETE)),
        ("please delete the note for the cleaner", OnNotes(Verb.DELETE, "the cleaner")),
        ("read the note about the boiler", OnNotes(Verb.READ, "the boiler")),
    ],
)  # fmt: skip
def test_notes_are_read_and_deleted(sentence: str, wish: OnNotes) -> None:
    assert wish_in(sentence) == wish


@pytest.mark.parametrize(
    "sentence", ["stop", "never mind", "Nevermind.", "please stop", "stop writing"]
)
def test_writing_is_stopped_in_a_word(sentence: str) -> None:
    assert is_stop(sentence)


def test_a_device_is_not_stopped_by_it() -> None:
    assert not is_stop("stop the music")
