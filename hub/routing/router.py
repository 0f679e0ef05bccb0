"""Which skill a sentence is for: a linear classifier on the shared sentence encoder.

It is asked about what the house took for no command: it can send a sentence to a skill that says
something, and never to a device.
"""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from hub.knowledge.encoder import Encoder, LazyEncoder

Floats = NDArray[np.float32]
SURE = 0.6
"""The least probability with which a sentence is sent to a skill."""
CERTAIN = 0.75
"""The least with which a skill's "I do not know" stands against what the house would say."""


class Skill(StrEnum):
    """What takes a sentence. `NONE`: nobody here."""

    HOUSE = "house"
    ANSWER = "answer"
    HELP = "help"
    WRITE = "write"
    TRANSLATE = "translate"
    SUGGEST = "suggest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Routed:
    """The likeliest skill of a sentence, with its probability."""

    skill: Skill
    probability: float

    def to(self, skill: Skill, least: float = SURE) -> bool:
        """Whether it is surely for this skill."""
        return self.skill is skill and self.probability >= least


@dataclass(frozen=True, slots=True)
class Weights:
    """`values` has shape (hidden + 1, skills); the last row is the bias."""

    encoder: str
    values: Floats


@lru_cache(maxsize=1)
def fitted() -> Weights:
    """The weights that came with hearthd."""
    found = json.loads(files(__package__).joinpath("weights.json").read_text("utf-8"))
    columns = [found["weights"][skill] for skill in Skill]
    return Weights(found["encoder"], np.array(columns, np.float32).T)


def probabilities(vectors: Floats, values: Floats) -> Floats:
    """Of each skill in the order of `Skill`; `vectors` has shape (sentences, hidden)."""
    scores = vectors @ values[:-1] + values[-1]
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = odds / odds.sum(axis=1, keepdims=True)
    return shares


class Router:
    """Tells the skill of a sentence. Its encoder is opened by the first one."""

    def __init__(self, encoder: Encoder | None = None) -> None:
        self._encoder = encoder or LazyEncoder()
        self._last: tuple[str, Routed] | None = None

    def route(self, text: str) -> Routed:
        """Blocks. Raises `EdgeError`."""
        known = self._last
        if known is not None and known[0] == text:
            return known[1]
        vectors = self._encoder.encode([text.strip().lower()], "query")
        shares = probabilities(vectors, fitted().values)[0]
        best = int(shares.argmax())
        found = Routed(list(Skill)[best], float(shares[best]))
        self._last = text, found
        return found

    async def routed(self, text: str) -> Routed:
        """The same, beside the loop."""
        return await asyncio.to_thread(self.route, text)


@cache
def _said() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files(__package__).joinpath("said.toml").read_text("utf-8"))


def how_to_put_it(skill: Skill, language: str) -> str | None:
    """What to say where a skill cannot read a sentence that is for it; in English where the
    language is not known."""
    table = _said().get(skill, {})
    return table.get(language.partition("-")[0]) or table.get("en")


def as_json(routed: Routed) -> Mapping[str, object]:
    """For the journal."""
    return {"skill": str(routed.skill), "probability": round(routed.probability, 4)}
