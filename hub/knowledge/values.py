"""The values of the knowledge base, from file to answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` counts from 1. `place` is where it stands: "line 12", "page 3"."""

    level: int
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; `ordered` where its items are steps."""

    items: tuple[str, ...]
    ordered: bool
    place: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells. `header` is empty where the table has none."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    place: str = ""


Block = Heading | Paragraph | Listing | Table


@dataclass(frozen=True, slots=True)
class About:
    """Which device a document is about, where it or its owner says so. `device` is a name, an
    entity id or a device id of the home."""

    device: str | None = None
    manufacturer: str | None = None
    model: str | None = None


NO_DEVICE = About()


@dataclass(frozen=True, slots=True)
class Document:
    """A file, read."""

    title: str
    blocks: tuple[Block, ...]
    about: About = NO_DEVICE


class Kind(StrEnum):
    """What a unit is a piece of."""

    SENTENCE = "sentence"
    ITEM = "item"  # of a list
    STEP = "step"  # of a numbered list
    STEPS = "steps"  # the whole numbered list
    ROW = "row"  # of a table, with its header


@dataclass(frozen=True, slots=True)
class Unit:
    """What can be quoted as an answer. `block` counts the blocks of its chunk, so that a sentence
    finds its paragraph and a step its list; `lead` is the sentence that introduces a list."""

    kind: Kind
    text: str
    block: int
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage as it is indexed: a section of a document or a part of it."""

    heading: tuple[str, ...]
    place: str
    units: tuple[Unit, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was stored, with its document."""

    id: int
    document: int
    file: str
    title: str
    language: str
    chunk: Chunk
    about: About = NO_DEVICE


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that fits a question. `rank` counts from 1 by words and by meaning (0: not found
    that way), `cosine` is of question and passage, `score` the fused one."""

    passage: Passage
    score: float
    word_rank: int = 0
    meaning_rank: int = 0
    cosine: float = 0.0


@dataclass(frozen=True, slots=True)
class Quote:
    """Where an answer stands. `text` is the passage."""

    file: str
    heading: str
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the documents say: `text` is quoted from `sources`. Without an answer `known` is False
    and `text` says that; `nearest` is then where to look, which may not tell it either.
    `confidence` is the calibrated probability of the best candidate."""

    known: bool
    text: str
    confidence: float
    sources: tuple[Quote, ...] = ()
    steps: tuple[str, ...] = ()
    nearest: Quote | None = None
