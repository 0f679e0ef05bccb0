"""What somebody wants written: a sentence that asks for a text, read by its own few forms.

These are requests for text and for nothing else; whatever does not begin like one is left to the
house. What stands after the colon is passed on as it is, whatever it says.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any


class Form(StrEnum):
    """What kind of text."""

    NOTE = "note"
    MAIL = "mail"
    MESSAGE = "message"
    SUMMARY = "summary"
    MORNING = "morning"
    EVENING = "evening"


class Tone(StrEnum):
    """How it speaks."""

    PLAIN = "plain"
    FORMAL = "formal"
    FRIENDLY = "friendly"


class Length(StrEnum):
    """How much of what there is to say."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Wish:
    """`audience` is who it is for, `topic` what about, `given` words to pass on, `period` of what
    happened: `today`, `yesterday`, `night` or `away`."""

    form: Form
    audience: str | None = None
    topic: str | None = None
    given: str | None = None
    period: str | None = None
    tone: Tone = Tone.PLAIN
    length: Length = Length.MEDIUM

    def as_json(self) -> dict[str, Any]:
        """For the note that was written of it."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: str(value) for name, value in fields.items() if value is not None}


def wish_from_json(raw: Mapping[str, Any]) -> Wish:
    """The reverse. Raises `ValueError` or `KeyError`."""
    form, tone = Form(raw["form"]), Tone(raw["tone"])
    rest = {name: str(value) for name, value in raw.items() if name not in _ENUMS}
    return Wish(form, tone=tone, length=Length(raw["length"]), **rest)


_ENUMS = ("form", "tone", "length")


class Verb(StrEnum):
    """What is wanted of the notes that there are."""

    READ = "read"
    READ_ALL = "read_all"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class OnNotes:
    """A wish about notes; `about` says which one, None the last."""

    verb: Verb
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """A change of the last draft."""

    tone: Tone | None = None
    length: Length | None = None
    shift: int = 0

    def of(self, wish: Wish) -> Wish:
        """The wish that was, changed."""
        order = list(Length)
        place = order.index(wish.length) + self.shift
        length = self.length or order[max(0, min(len(order) - 1, place))]
        return replace(wish, tone=self.tone or wish.tone, length=length)


def _patterns() -> dict[str, re.Pattern[str]]:
    raw = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text("utf-8"))
    parts = {"{" + name + "}": raw.pop(name) for name in ("polite", "adjectives", "thing")}
    found = {}
    for name, pattern in raw.items():
        for place, part in parts.items():
            pattern = pattern.replace(place, part)  # noqa: PLW2901
        found[name] = re.compile(pattern, re.I | re.S)
    return found


_SENTENCES = _patterns()


def is_stop(text: str) -> bool:
    """Whether somebody wants it to end."""
    return _SENTENCES["stop"].fullmatch(text.strip()) is not None


def wish_in(text: str) -> Wish | OnNotes | Revision | None:
    """What a sentence asks to be written, read or changed; None if it is about something else."""
    said = " ".join(text.split())
    if (found := _SENTENCES["revise"].fullmatch(said)) is not None:
        return _revision(found["how"])
    if _SENTENCES["revise_bare"].fullmatch(said):
        return _revision(said)
    if (found := _SENTENCES["delete"].fullmatch(said)) is not None:
        return OnNotes(Verb.DELETE, found["about"])
    if (found := _SENTENCES["read"].fullmatch(said)) is not None:
        return OnNotes(Verb.READ_ALL if found["all"] else Verb.READ, found["about"])
    if (found := _SENTENCES["report"].fullmatch(said)) is not None:
        return Wish(Form(found["when"].lower()))
    if (found := _SENTENCES["happened"].fullmatch(said)) is not None:
        return Wish(Form.SUMMARY, period=_period(found["when"]))
    if (found := _SENTENCES["summary"].fullmatch(said)) is not None:
        return _summary(found["rest"], found["adjectives"] or "")
    return _text(said)


def _text(said: str) -> Wish | None:
    found = _SENTENCES["write"].fullmatch(said)
    if found is None:
        return None
    thing, rest = found["thing"].lower(), found["rest"]
    if rest and rest[0] not in " :,.!":
        return None
    head, given = _split_given(rest)
    if thing in ("summary", "report"):
        return _summary(rest, found["adjectives"])
    if "message" in thing and _SENTENCES["needs_more"].match(said):
        return None  # "leave a message" is said aloud: an announcement
    who = _SENTENCES["to"].search(head)
    about = _SENTENCES["about"].search(head)
    if _SENTENCES["needs_more"].match(said) and not given and about is None and who is None:
        return None  # "take a note": of what?
    form = Form.NOTE
    if "mail" in thing or thing.startswith("letter"):
        form = Form.MAIL
    elif "message" in thing:
        form = Form.MESSAGE
    manner = f"{found['adjectives']} {head}"
    return Wish(
        form,
        who["who"].strip() if who else None,
        _cleaned(about["what"]) if about else None,
        given,
        tone=_tone(manner),
        length=_length(found["adjectives"]),
    )


def _split_given(rest: str) -> tuple[str, str | None]:
    found = _SENTENCES["given"].search(rest)
    if found is None or (
        found[0].lower().startswith("that ") and _SENTENCES["about"].search(rest[: found.start()])
    ):
        return rest.strip(" .!,"), None
    return rest[: found.start()].strip(" .!,"), found["text"].strip()


def _summary(rest: str, adjectives: str) -> Wish:
    about = rest.strip(" ?.!")
    tone, length = _tone(adjectives + " " + about), _length(adjectives)
    if any(
        word in about.lower() for word in ("happened", "today", "yesterday", "away", "night", "day")
    ):
        return Wish(Form.SUMMARY, period=_period(about), tone=tone, length=length)
    topic = re.sub(r"^(?:of|about|on|for) ", "", about, flags=re.I)
    topic = re.sub(r"^(?:the )?(?:state|status) of ", "", topic, flags=re.I)
    return Wish(Form.SUMMARY, topic=_cleaned(topic) or None, tone=tone, length=length)


def _cleaned(topic: str) -> str:
    return re.sub(
        r"\b(?:please|in a (?:formal|friendly) (?:way|tone)|formally)\b", "", topic, flags=re.I
    ).strip(" .!?,")


def _period(when: str) -> str:
    said = when.lower()
    if "away" in said or "out" in said or "gone" in said or "left" in said:
        return "away"
    if "yesterday" in said:
        return "yesterday"
    return "night" if "night" in said else "today"


def _tone(manner: str) -> Tone:
    said = manner.lower()
    if "formal" in said or "polite" in said:
        return Tone.FORMAL
    return Tone.FRIENDLY if re.search(r"friendly|nice|kind|warm|casual", said) else Tone.PLAIN


def _length(adjectives: str) -> Length:
    said = adjectives.lower()
    if re.search(r"short|brief|quick|little", said):
        return Length.SHORT
    return Length.LONG if re.search(r"long|detailed", said) else Length.MEDIUM


def _revision(how: str) -> Revision:
    said = how.lower()
    if "short" in said or "brief" in said:
        return Revision(shift=-1)
    if "longer" in said or "detailed" in said:
        return Revision(shift=1)
    if "less formal" in said or "friend" in said or "warm" in said or "casual" in said:
        return Revision(tone=Tone.FRIENDLY)
    return Revision(tone=Tone.PLAIN if "plain" in said else Tone.FORMAL)
