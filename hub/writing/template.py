"""The template writer: a text made of facts and fixed phrases. It needs no model, and is what is
said wherever a model's own words do not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.writing.facts import Fact, Kind
from hub.writing.wish import Form, Length, Tone, Wish

ROOM = {Length.SHORT: 3, Length.MEDIUM: 9, Length.LONG: 40}
"""Sentences of a body."""
_LEAST = {Length.SHORT: 2, Length.MEDIUM: 1, Length.LONG: 0}
"""The weight that a fact needs, where there are enough that have it."""
_GREETINGS = {
    Tone.PLAIN: "Hello {who},", Tone.FORMAL: "Dear {who},", Tone.FRIENDLY: "Hi {who},",
}  # fmt: skip
_CLOSINGS = {
    Tone.PLAIN: "Best regards", Tone.FORMAL: "Yours sincerely",
    Tone.FRIENDLY: "Thank you and all the best!",
}  # fmt: skip
_ABOUT = {
    Tone.PLAIN: "This is about {topic}.",
    Tone.FORMAL: "I am writing to you about {topic}.",
    Tone.FRIENDLY: "Just a few words about {topic}.",
}
_SINCE = {
    "today": "This is what happened today.", "yesterday": "This is what happened yesterday.",
    "night": "This is what happened during the night.",
}  # fmt: skip
_NOTHING = "Nothing of note is written down about that."


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the facts: greeting, heading, closing. Empty strings are left out."""

    greeting: str = ""
    heading: str = ""
    closing: str = ""

    @property
    def lines(self) -> frozenset[str]:
        """The frame's sentences, for the checker."""
        lines = (self.greeting, self.heading, self.closing, *self.heading.split(". "), _NOTHING)
        return frozenset(line for line in lines if line)


def frame_for(wish: Wish, now: datetime, start: datetime | None = None) -> Frame:
    """Greeting, heading and closing as the kind and tone want them."""
    greeting = closing = heading = ""
    if wish.form in (Form.MORNING, Form.EVENING):
        word = str(wish.form)
        greeting = f"Good {word}{'!' if wish.tone is Tone.FRIENDLY else '.'}"
    elif wish.form is Form.SUMMARY:
        heading = _summary_heading(wish, now, start)
    else:
        who = _addressed(wish.audience, wish.form)
        greeting = _GREETINGS[wish.tone].format(who=who) if who else ""
        if wish.form is Form.MAIL and not who:
            greeting = "Hello," if wish.tone is not Tone.FORMAL else "Dear Sir or Madam,"
        if wish.topic and wish.given is None:
            heading = _ABOUT[wish.tone].format(topic=_as_topic(wish.topic))
        if wish.form is Form.MAIL or (wish.tone is not Tone.PLAIN and who):
            closing = _CLOSINGS[wish.tone]
    return Frame(greeting, heading, closing)


def _summary_heading(wish: Wish, now: datetime, start: datetime | None) -> str:
    if wish.period == "away" and start is not None:
        local = start.astimezone(now.tzinfo)
        day = "" if local.date() == now.date() else f" on {local:%d %B}"
        return f"This is what happened since {local:%H:%M}{day}."
    if wish.period == "away":
        return "When you were away is not written down. This is what happened today."
    if wish.period is not None:
        return _SINCE[wish.period]
    return _ABOUT[Tone.PLAIN].format(topic=_as_topic(wish.topic)) if wish.topic else ""


def _addressed(audience: str | None, form: Form) -> str:
    """ "the cleaner" is spoken to as "cleaner"; a note to oneself has no greeting."""
    who = (audience or "").strip()
    for article in ("the ", "my ", "our ", "your "):
        who = who[len(article) :] if who.lower().startswith(article) else who
    if who.lower() in ("me", "myself", "us", "self"):
        return ""
    return who if form is not Form.SUMMARY else ""


def _as_topic(topic: str) -> str:
    return topic.strip().rstrip(".?!")


def chosen(facts: Sequence[Fact], length: Length) -> list[Fact]:
    """The facts that a text of this length has room for: the weightiest, in their order."""
    least = _LEAST[length]
    worth = [fact for fact in facts if fact.weight >= least]
    while not worth and least > 0:
        least -= 1
        worth = [fact for fact in facts if fact.weight >= least]
    order = {id(fact): number for number, fact in enumerate(worth)}
    kept: list[Fact] = []
    for fact in sorted(worth, key=lambda one: -one.weight):
        if len(body([*kept, fact])) <= ROOM[length]:
            kept.append(fact)
    return sorted(kept, key=lambda one: order[id(one)])


def body(facts: Sequence[Fact]) -> list[str]:
    """One sentence a subject; subjects that are in the same state share one."""
    now: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind in (Kind.STATE, Kind.MEASURED):
            now.setdefault(fact.source, []).append(fact)
    alike: dict[str | None, list[Fact]] = {}
    for first, *more in now.values():
        if not more and first.state is not None:
            alike.setdefault(first.state, []).append(first)
    found: list[str] = []
    told: set[str] = set()
    for fact in facts:
        if fact.text in told:
            continue
        same = now.get(fact.source, [fact]) if fact.kind in (Kind.STATE, Kind.MEASURED) else [fact]
        group = alike.get(fact.state, []) if len(same) == 1 and fact.kind is Kind.STATE else []
        if len(group) > 1:
            found.append(_together([_lead(one) for one in group], fact.state or ""))
            same = group
        else:
            found.append(_ended(_joined(same)))
        told |= {one.text for one in same}
    return found


def _lead(fact: Fact) -> str:
    """A fact's subject as its sentence begins: "The Front Door"."""
    return fact.text[: fact.text.index(fact.subject) + len(fact.subject)]


def _joined(facts: Sequence[Fact]) -> str:
    """What is said of one subject, in one sentence; how it is comes before how much."""
    first, *rest = sorted(facts, key=lambda one: one.kind is not Kind.STATE)
    if not rest:
        return first.text
    parts = [first.text, *(one.text.removeprefix(_lead(one)).strip() for one in rest)]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _together(names: Sequence[str], state: str) -> str:
    rest = [name[0].lower() + name[1:] if name.startswith("The ") else name for name in names[1:]]
    listed = ", ".join([names[0], *rest[:-1]])
    return f"{listed} and {rest[-1]} are {state}."


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def laid_out(frame: Frame, lines: Sequence[str], wish: Wish) -> str:
    """The whole text. Long bodies of reports stand one sentence a line, letters as a paragraph."""
    listed = wish.form in (Form.SUMMARY, Form.MORNING, Form.EVENING) and len(lines) > 2
    middle = ("\n" if listed else " ").join(lines) or _NOTHING
    if not frame.greeting and not frame.closing:
        return f"{frame.heading}{chr(10) if listed else ' '}{middle}".strip()
    head = (
        f"{frame.heading} {middle}".strip() if not listed else f"{frame.heading}\n{middle}".strip()
    )
    gap = "\n\n" if wish.form is Form.MAIL else "\n"
    return gap.join(part for part in (frame.greeting, head, frame.closing) if part)
