"""Sentences of a household, for comparing models where no data were given.

Combined from parts by a fixed rule, so that every export measures on the same ones.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path

_WISHES = (
    "turn on the {thing} in the {place}", "is the {thing} in the {place} still on",
    "could you please switch the {thing} off in the {place}",
    "the {thing} by the {place} is broken",
    "who last used the {thing} in the {place}", "remind me to clean the {thing} in the {place}",
    "what does it cost to run the {thing} in the {place} all night",
    "set the {thing} in the {place} to thirty percent", "why is the {thing} in the {place} so loud",
    "my sister moved the {thing} to the {place} on Sunday",
)  # fmt: skip
_THINGS = (
    "lamp", "radiator", "ceiling fan", "television", "vacuum cleaner", "coffee machine",
    "washing machine", "roller blind", "speaker", "humidifier",
)  # fmt: skip
_PLACES = ("kitchen", "bedroom", "garage", "hall", "garden shed")


def household_sentences(count: int = 500) -> list[str]:
    """`count` different sentences, at most 500, mixed."""
    made = [
        wish.format(thing=thing, place=place)
        for thing, place, wish in itertools.product(_THINGS, _PLACES, _WISHES)
    ]
    return [made[(i * 197) % len(made)] for i in range(count)]  # 197 has no factor of 500


PASSAGES = (
    "The dishwasher shows E15 when water has run into its base pan; close the tap first.",
    "The spare key of the front door hangs in the meter cupboard.",
    "The cat gets forty grams of dry food in the morning and none at night.",
    "Paper and cardboard are collected every second Tuesday.",
    "The router's password is on a sticker beneath it.",
    "Descale the coffee machine once in two months with citric acid.",
    "The heating engineer comes each year in September.",
    "Grandmother's flight lands on Friday at half past four.",
    "The tomatoes need water every evening while it is hot.",
    "The fuse for the garage is the third from the left.",
    "The tumble dryer's filter is behind the lower flap.",
    "Our neighbour has the keys while we are on holiday.",
    "The smoke alarm in the hall chirps when its battery is low.",
    "The pool pump runs from ten to two in summer.",
    "The library books are due on the last day of the month.",
    "The car charges overnight, when electricity is cheap.",
    "The piano teacher comes on Wednesdays at five.",
    "The robot vacuum does not get over the bathroom's threshold.",
    "Bread dough rises for twelve hours in the cold larder.",
    "The boiler's pressure should be between one and two bar.",
)

QUERIES = (
    "what does the error on the dishwasher mean", "where is another key for the door",
    "how much do I feed the cat", "when do they take the cardboard away",
    "how do I log in to the wifi", "how often must the coffee maker be cleaned of chalk",
    "when is the boiler serviced", "what time does grandma arrive", "do I have to water the plants",
    "the power is out in the garage", "the dryer takes too long", "who can open the house for us",
    "something beeps in the hall", "when is the pump on", "when must I bring the books back",
    "why is the car not charging now", "when is the next piano lesson",
    "the vacuum robot is stuck again",
    "how long does the bread rest", "the heating loses pressure",
    "water under the kitchen sink machine", "pet food at night",
    "who looks after the house in July",
    "electricity price at night", "music lessons", "is there a limescale remover for espresso",
    "the alarm battery", "arrival at the airport on Friday", "recycling day", "circuit breaker",
    "sourdough", "lint filter", "password", "vegetable garden", "loans from the library",
    "swimming pool", "annual maintenance", "bathroom cleaning robot", "kitten diet",
    "hot water pressure gauge", "key holder next door", "leak in the machine", "charging cable",
    "baking", "battery warning sound", "visit of a relative", "waste paper", "internet access",
    "summer evening jobs", "fuse box",
)  # fmt: skip


def read_texts(path: Path, count: int) -> list[str]:
    """Texts of a file: `text` of each JSON line, or each line of a text file."""
    with path.open(encoding="utf-8") as lines:
        kept = [line.strip() for line in itertools.islice(lines, count) if line.strip()]
    return [json.loads(line)["text"] for line in kept] if path.suffix == ".jsonl" else kept
