"""The room of one wish, for another of the same sentence that names none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.commands import strange_kind
from hub.ground.context import Context
from hub.ground.interpret import best_reading
from hub.ground.places import find_area
from hub.ground.results import Grounded
from hub.languages import Lexicon, plain


def place_near(
    wishes: Sequence[ClauseReading], number: int, home: Home, words: Lexicon, named: bool = False
) -> str | None:
    """The room that a neighbouring wish of the sentence names, where this one names none, and no
    thing by its name unless `named`: "the heating and the fan in the bedroom". It counts as where
    the speaker is, no more."""
    slots = {span.slot for span in wishes[number].spans}
    if (
        slots & {"area", "floor"}
        or ("name" in slots and not named)
        or strange_kind(wishes[number], home, words)
    ):
        return None
    for other in (*wishes[number + 1 : number + 2], *reversed(wishes[:number])):
        places = [a for s in other.spans if s.slot == "area" and (a := find_area(s.text, home))]
        if len(places) == 1:
            return places[0].id
    return None


def at_the_same(wish: ClauseReading, home: Home, context: Context) -> str | None:
    """The room of what the wish before is about, where this one is about "her radiator"."""
    things = [home.entities[i] for i in context.extra.get("meant", ()) if i in home.entities]
    rooms = {thing.area for thing in things if thing.area}
    if len(rooms) != 1:
        return None
    theirs = any(context.words.fits("theirs", word) for word in plain(wish.text).split())
    return rooms.pop() if theirs else None


def there_too(
    clause: ClauseReading,
    wishes: Sequence[ClauseReading],
    number: int,
    home: Home,
    context: Context,
) -> tuple[ClauseReading, Grounded] | None:
    """A wish whose name fits several things, as one about the room of a wish beside it: "the
    humidifier on at Zosia's, and the ceiling light off"; None where that tells nothing."""
    beside = place_near(wishes, number, home, context.words, named=True)
    found = best_reading(clause, home, replace(context, area=beside)) if beside else None
    return found if found and found[1].actions else None
