"""Files into the store: only what changed, with progress, and nothing half done."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from hub.knowledge.chunks import chunks_of
from hub.knowledge.encoder import Encoder
from hub.knowledge.errors import DocumentError, StoreError
from hub.knowledge.reading import VERSION, read_document, readable
from hub.knowledge.store import NewChunk, NewDocument, Store
from hub.knowledge.terms import Words, code_key, codes_in, language_of, terms, words
from hub.knowledge.values import NO_DEVICE, About, Chunk, Document

BATCH = 32
"""Chunks that are encoded between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is: `done` of `total` pages or passages, which `what` tells. Pages are read
    first."""

    path: Path
    done: int
    total: int
    what: Literal["pages", "passages"] = "passages"


@dataclass(slots=True)
class Indexed:
    """What became of the files."""

    added: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    refused: list[DocumentError] = field(default_factory=list)
    chunks: int = 0


@dataclass(frozen=True, slots=True)
class Indexing:
    """What indexing needs."""

    store: Store
    encoder: Encoder
    now: datetime
    report: Callable[[Progress], None] = lambda _: None


def index(indexing: Indexing, source: Path, about: About = NO_DEVICE) -> Indexed:
    """Take in a file, or all readable files of a folder; files of the folder that are gone are
    forgotten. Raises `DocumentError` for a single file, and `StoreError`."""
    _same_encoder(indexing)
    known = {document.path: document for document in indexing.store.documents()}
    found = Indexed()
    files = list(_files(source))
    for path in files:
        try:
            content = _content(path)
            digest = _digest(content)
            have = known.get(str(path))
            if have and have.digest == digest and about in (NO_DEVICE, have.about):
                found.unchanged.append(str(path))
                continue
            found.chunks += _index_one(indexing, path, content, digest, about)
            found.added.append(str(path))
        except DocumentError as error:
            if not source.is_dir():
                raise
            found.refused.append(error)
    if source.is_dir():
        gone = _gone(known, source.resolve(), files)
        found.removed = [path for path in gone if indexing.store.remove(path)]
    return found


def _same_encoder(indexing: Indexing) -> None:
    """Vectors of two encoders do not mix."""
    have = indexing.store.note("encoder")
    if have is None:
        indexing.store.write_note("encoder", indexing.encoder.name)
    elif have != indexing.encoder.name:
        raise StoreError(
            f"{indexing.store.path}: was made with {have}, not {indexing.encoder.name}; "
            "move it away and add the documents again"
        )


def _files(source: Path) -> Iterator[Path]:
    """Absolute, in order; what is hidden is left out."""
    source = source.expanduser().resolve()
    if source.is_file():
        yield source
        return
    if not source.is_dir():
        raise DocumentError(source, "there is no such file or folder")
    inside = [p for p in source.rglob("*") if p.is_file() and readable(p)]
    hidden = [p for p in inside if any(part[0] == "." for part in p.relative_to(source).parts)]
    if len(inside) == len(hidden):
        raise DocumentError(source, "has no Markdown, text, HTML or PDF file in it")
    yield from sorted(set(inside) - set(hidden))


def _gone(known: Iterable[str], folder: Path, files: Iterable[Path]) -> list[str]:
    here = {str(path) for path in files}
    return [path for path in known if Path(path).is_relative_to(folder) and path not in here]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentError(path, f"cannot be read ({error.strerror})") from error


def _digest(content: bytes) -> str:
    return hashlib.sha256(VERSION.encode() + b"\0" + content).hexdigest()


def _index_one(indexing: Indexing, path: Path, content: bytes, digest: str, about: About) -> int:
    document = read_document(
        path, content, lambda page, pages: indexing.report(Progress(path, page, pages, "pages"))
    )
    chunks = chunks_of(document)
    if not chunks:
        raise DocumentError(path, "has headings, but no text below them")
    language = language_of("\n".join(chunk.text for chunk in chunks))
    table = words(language)
    new: list[NewChunk] = []
    for start in range(0, len(chunks), BATCH):
        part = chunks[start : start + BATCH]
        vectors = indexing.encoder.encode([passage_text(chunk) for chunk in part])
        new += [
            NewChunk(chunk, index_words(chunk, table), vector)
            for chunk, vector in zip(part, vectors, strict=True)
        ]
        indexing.report(Progress(path, len(new), len(chunks)))
    told = _told(document, about)
    indexing.store.save(
        NewDocument(
            str(path),
            digest,
            document.title,
            language,
            told,
            indexing.now.isoformat(timespec="seconds"),
            new,
        )
    )
    return len(new)


def _told(document: Document, about: About) -> About:
    own = document.about
    return About(
        about.device or own.device,
        about.manufacturer or own.manufacturer,
        about.model or own.model,
    )


def passage_text(chunk: Chunk) -> str:
    """What the encoder reads of a chunk: its headings say what it is about."""
    return f"{' > '.join(chunk.heading)}\n{chunk.text}"


def index_words(chunk: Chunk, table: Words) -> tuple[str, str, str]:
    """Stems of a chunk by column; what is in a title is worth less than in a heading."""
    title, *headings = chunk.heading
    parts = (title, " ".join(headings), chunk.text)
    found = [" ".join((*terms(part, table), *map(code_key, codes_in(part)))) for part in parts]
    return found[0], found[1], found[2]
