"""What became of commands, once more, beside the database: for a disk that loses the journal's end.

A database whose last commits are gone looks whole. A command that it holds without steps may have
been carried out, and one that it does not hold may come again. So the fate of the last commands
also stands in a ring of small records, in a file of fixed size whose damage shows. Nothing is ever
done because of this file; because of it, something is not done again.
"""

from __future__ import annotations

import contextlib
import os
import struct
import zlib
from enum import IntEnum
from hashlib import blake2b
from pathlib import Path

RECORDS = 8192
_CONTENT = struct.Struct("<16sQB3x")
_CHECK = struct.Struct("<I")
SIZE = _CONTENT.size + _CHECK.size
_EMPTY = bytes(SIZE)


class Fate(IntEnum):
    """How far a command has come, at least."""

    BEGUN = 1
    DELIVERED = 2


class Fates:
    """The ring in a file. `sound`: it was whole when it was opened, so that a command it does not
    name had not begun. Not for two threads at once, except `of`."""

    def __init__(self, path: Path, expected: bool) -> None:
        """Read the file, and mend it. `expected`: one must be there already, else it was lost.

        A disk that cannot be written keeps no fates; the database will say so.
        """
        raw = b""
        with contextlib.suppress(OSError):
            raw = path.read_bytes()
        self.sound = len(raw) == RECORDS * SIZE if raw or expected else True
        self._known: dict[bytes, Fate] = {}
        self._serial = 0
        self._keys: list[bytes | None] = [None] * RECORDS
        self._places: dict[bytes, int] = {}
        self._read(raw[: RECORDS * SIZE])
        self._file: int | None = None
        with contextlib.suppress(OSError):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            if len(raw) != RECORDS * SIZE:
                os.pwrite(self._file, raw[: RECORDS * SIZE].ljust(RECORDS * SIZE, b"\0"), 0)
                os.ftruncate(self._file, RECORDS * SIZE)
                os.fsync(self._file)

    def _read(self, raw: bytes) -> None:
        found: list[tuple[int, int, bytes, Fate]] = []
        for start in range(0, len(raw), SIZE):
            record = raw[start : start + SIZE]
            content, check = record[: _CONTENT.size], record[_CONTENT.size :]
            if record == _EMPTY:
                continue
            if check != _CHECK.pack(zlib.crc32(content)):
                self.sound = False
                continue
            key, serial, fate = _CONTENT.unpack(content)
            found.append((serial, start // SIZE, key, Fate(fate)))
        for serial, place, key, fate in sorted(found):
            self._keys[place] = key
            self._places[key] = place
            self._known[key] = fate
            self._serial = serial + 1

    def of(self, site: str, request_id: str) -> Fate | None:
        """What is known of a command; None if it had not begun, or too long ago."""
        return self._known.get(_key(site, request_id))

    def note(self, site: str, request_id: str, fate: Fate) -> None:
        """Remember, through the end of this process. After an honest power cut the database knows
        better, so this waits for no disk."""
        key, place = _key(site, request_id), self._serial % RECORDS
        gone = self._keys[place]
        if gone is not None and self._places[gone] == place:
            self._known.pop(gone)
            self._places.pop(gone)
        self._known[key] = fate
        self._keys[place] = key
        self._places[key] = place
        content = _CONTENT.pack(key, self._serial, fate)
        self._serial += 1
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.pwrite(self._file, content + _CHECK.pack(zlib.crc32(content)), place * SIZE)

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _key(site: str, request_id: str) -> bytes:
    return blake2b(f"{site}\0{request_id}".encode(), digest_size=16).digest()
