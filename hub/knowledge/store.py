"""Documents and passages on disk: one SQLite file with full text (FTS5) and vectors.

One process writes at a time (a lock beside the file); the hub reads, also while somebody adds. The
file keeps SQLite's rollback journal: nothing is lost and no reader needs to checkpoint. The words
in the FTS5 table are stems already (`terms`), so its tokenizer only takes them apart again.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hub.knowledge.errors import StoreError
from hub.knowledge.values import About, Chunk, Kind, Passage, Unit

Floats = NDArray[np.float32]

MATCHES = 10_000
"""Entries of the full text index that a search reads: the time of a search grows with them, and
what the commonest of a question's words add to the ranking of 50,000 passages is nothing or less
(of 283 passages that answer a question 207 came among the first three, 190 with all words)."""
SCHEMA_VERSION = 1
_SCHEMA = """
create table documents (
  id integer primary key, path text not null unique, digest text not null, title text not null,
  language text not null, device text, manufacturer text, model text, added text not null);
create table chunks (
  id integer primary key, document integer not null references documents(id) on delete cascade,
  heading text not null, place text not null, text text not null, units text not null,
  vector blob);
create index chunks_of_document on chunks(document);
create virtual table chunk_words using fts5(
  title, heading, text, tokenize = "unicode61 remove_diacritics 2");
create table about_store (key text primary key, value text not null) without rowid;
"""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as it is listed."""

    id: int
    path: str
    digest: str
    title: str
    language: str
    about: About
    chunks: int
    added: str


@dataclass(frozen=True, slots=True)
class NewChunk:
    """A chunk with what finds it. `words` are stems by column: title, heading, text."""

    chunk: Chunk
    words: tuple[str, str, str]
    vector: Floats | None


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to store; it takes the place of what was stored under its path."""

    path: str
    digest: str
    title: str
    language: str
    about: About
    added: str
    chunks: Sequence[NewChunk]


def packed(vector: Floats) -> bytes:
    """A unit vector as it is stored: 16-bit floats."""
    return vector.astype(np.float16).tobytes()


def unpacked(blob: bytes) -> Floats:
    """The vector again."""
    return np.frombuffer(blob, np.float16).astype(np.float32)


class Store:
    """Reading and writing. A `Store` object may be used by one thread at a time."""

    def __init__(self, path: Path, write: bool = False) -> None:
        """Open `path`; with `write`, make it if it is not there. Raises `StoreError`."""
        self.path = path
        try:
            self._database = _opened(path, write)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"{path}: cannot be opened ({error}); move it away and add the documents again"
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    @property
    def generation(self) -> int:
        """Another number whenever anybody has written."""
        return int(self._database.execute("pragma data_version").fetchone()[0])

    def note(self, key: str) -> str | None:
        """What the store says about itself, e.g. its `encoder`."""
        row = self._database.execute("select value from about_store where key = ?", (key,))
        found = row.fetchone()
        return str(found[0]) if found else None

    def documents(self) -> list[StoredDocument]:
        """All, by path."""
        rows = self._database.execute(
            "select d.*, (select count(*) from chunks c where c.document = d.id) as chunks"
            " from documents d order by path"
        )
        return [
            StoredDocument(
                row["id"], row["path"], row["digest"], row["title"], row["language"],
                About(row["device"], row["manufacturer"], row["model"]), row["chunks"],
                row["added"],
            )
            for row in rows
        ]  # fmt: skip

    def save(self, document: NewDocument) -> None:
        """Store a document in one transaction. Raises `StoreError`."""
        with self._transaction():
            self._forget(document.path)
            about = document.about
            cursor = self._database.execute(
                "insert into documents (path, digest, title, language, device, manufacturer,"
                " model, added) values (?, ?, ?, ?, ?, ?, ?, ?)",
                (document.path, document.digest, document.title, document.language,
                 about.device, about.manufacturer, about.model, document.added),
            )  # fmt: skip
            for new in document.chunks:
                self._insert(cursor.lastrowid or 0, new)

    def _insert(self, document: int, new: NewChunk) -> None:
        chunk = new.chunk
        cursor = self._database.execute(
            "insert into chunks (document, heading, place, text, units, vector)"
            " values (?, ?, ?, ?, ?, ?)",
            (document, json.dumps(chunk.heading, ensure_ascii=False), chunk.place, chunk.text,
             json.dumps([asdict(unit) for unit in chunk.units], ensure_ascii=False),
             packed(new.vector) if new.vector is not None else None),
        )  # fmt: skip
        self._database.execute(
            "insert into chunk_words (rowid, title, heading, text) values (?, ?, ?, ?)",
            (cursor.lastrowid, *new.words),
        )

    def remove(self, path: str) -> bool:
        """Forget a document; False if there was none."""
        with self._transaction():
            return self._forget(path)

    def _forget(self, path: str) -> bool:
        found = self._database.execute("select id from documents where path = ?", (path,))
        row = found.fetchone()
        if row is None:
            return False
        self._database.execute(
            "delete from chunk_words where rowid in (select id from chunks where document = ?)",
            (row["id"],),
        )
        self._database.execute("delete from chunks where document = ?", (row["id"],))
        self._database.execute("delete from documents where id = ?", (row["id"],))
        return True

    def tell(self, path: str, about: About) -> None:
        """Write down which device a document is about."""
        with self._transaction():
            self._database.execute(
                "update documents set device = ?, manufacturer = ?, model = ? where path = ?",
                (about.device, about.manufacturer, about.model, path),
            )

    def write_note(self, key: str, value: str) -> None:
        """See `note`."""
        with self._transaction():
            self._database.execute("insert or replace into about_store values (?, ?)", (key, value))

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Chunks by id."""
        marks = ",".join("?" * len(ids))
        rows = self._database.execute(
            "select c.*, d.path, d.title, d.language, d.device, d.manufacturer, d.model"
            f" from chunks c join documents d on d.id = c.document where c.id in ({marks})",
            list(ids),
        )
        return {row["id"]: _passage(row) for row in rows}

    def passages_of(self, document: int) -> list[Passage]:
        """All chunks of a document in their order."""
        rows = self._database.execute("select id from chunks where document = ?", (document,))
        ids = [row[0] for row in rows.fetchall()]
        found = self.passages(ids)
        return [found[id_] for id_ in sorted(found)]

    def vectors(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Ids, documents' ids and vectors of all chunks, shapes (n,), (n,) and (n, hidden)."""
        rows = self._database.execute(
            "select id, document, vector from chunks where vector is not null order by id"
        ).fetchall()
        ids = np.array([row[0] for row in rows], np.int64)
        documents = np.array([row[1] for row in rows], np.int64)
        if not rows:
            return ids, documents, np.zeros((0, 0), np.float32)
        joined = np.frombuffer(b"".join(row[2] for row in rows), np.float16)
        return ids, documents, joined.reshape(len(rows), -1).astype(np.float32)

    def by_words(
        self, stems: Sequence[str], limit: int, documents: Sequence[int] = ()
    ) -> list[tuple[int, float]]:
        """Chunks that have any of these stems with their BM25 score (higher is better); in a large
        store the commonest stems are left out, see `MATCHES`."""
        query = " OR ".join(f'"{stem}"' for stem in self._telling(stems))
        if not query:
            return []
        within = ""
        if documents:
            inside = ",".join(str(int(each)) for each in documents)
            within = f" and rowid in (select id from chunks where document in ({inside}))"
        rows = self._database.execute(
            "select rowid, bm25(chunk_words, 1.0, 2.0, 1.0) as score from chunk_words"
            f" where chunk_words match ?{within} order by score limit ?",
            (query, limit),
        )
        return [(row[0], -row[1]) for row in rows]

    def _telling(self, stems: Sequence[str]) -> list[str]:
        """The rarest stems, as many as occur `MATCHES` times together; at least one."""
        times = self.frequency(list(filter(None, stems)))
        rarest = sorted((stem for stem in times if times[stem]), key=times.__getitem__)
        kept, matches = rarest[:1], sum(times[stem] for stem in rarest[:1])
        for stem in rarest[1:]:
            matches += times[stem]
            if matches > MATCHES:
                break
            kept.append(stem)
        return kept

    def languages(self) -> dict[str, int]:
        """How many documents there are in each language."""
        rows = self._database.execute("select language, count(*) from documents group by language")
        return {row[0]: row[1] for row in rows}

    def in_language(self, language: str) -> list[int]:
        """Ids of the documents in a language."""
        found = self._database.execute("select id from documents where language = ?", (language,))
        return [row[0] for row in found]

    def frequency(self, stems: Sequence[str]) -> dict[str, int]:
        """In how many chunks each stem occurs, headings and titles included."""
        return {
            stem: int(
                self._database.execute(
                    "select count(*) from chunk_words where chunk_words match ?", (f'"{stem}"',)
                ).fetchone()[0]
            )
            for stem in stems
        }

    def count(self) -> int:
        """How many chunks there are."""
        return int(self._database.execute("select count(*) from chunks").fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with self._database:
                yield
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: cannot be written ({error})") from error


@contextmanager
def writing(path: Path) -> Iterator[Store]:
    """The store to write to; one process at a time. Raises `StoreError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(f"{path}: another `hearthd kb add` is writing; wait for it") from error
        with closing(Store(path, write=True)) as store:
            yield store


def _opened(path: Path, write: bool) -> sqlite3.Connection:
    mode = "rwc" if write else "ro"
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=10, check_same_thread=False
    )
    database.row_factory = sqlite3.Row
    version = database.execute("pragma user_version").fetchone()[0]
    if write and version == 0:
        with database:
            database.executescript(f"{_SCHEMA} pragma user_version = {SCHEMA_VERSION};")
    elif version != SCHEMA_VERSION:
        database.close()
        raise sqlite3.DatabaseError(f"has version {version}, this hearthd reads {SCHEMA_VERSION}")
    return database


def _passage(row: sqlite3.Row) -> Passage:
    units = tuple(
        Unit(Kind(u["kind"]), u["text"], u["block"], u["lead"]) for u in json.loads(row["units"])
    )
    chunk = Chunk(tuple(json.loads(row["heading"])), row["place"], units, row["text"])
    about = About(row["device"], row["manufacturer"], row["model"])
    return Passage(
        row["id"], row["document"], row["path"], row["title"], row["language"], chunk, about
    )
