"""Protocol Buffers as bytes: where the fields of a message are, without building anything.

https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass

Buffer = bytes | mmap.mmap

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}
VARINT_BYTES = 10


class Malformed(ValueError):
    """Bytes that are no message."""


@dataclass(frozen=True, slots=True)
class Part:
    """A field: its number, and where its content is; `value` is that of a varint. `is_message`: it
    has a length of its own, as messages, texts and packed numbers have."""

    number: int
    start: int
    end: int
    is_message: bool = True
    value: int = 0


def fields(raw: Buffer, start: int, end: int) -> Iterator[Part]:
    """The fields of the message between two places, in order. Raises `Malformed`."""
    place = start
    while place < end:
        tag, place = _varint(raw, place, end)
        number, kind = tag >> 3, tag & 7
        if not 0 < number < 1 << 29:
            raise Malformed(f"it is broken at byte {place}: no field has the number {number}")
        if kind == _VARINT:
            value, place = _varint(raw, place, end)
            yield Part(number, place, place, False, value)
            continue
        if kind == _LENGTH:
            size, place = _varint(raw, place, end)
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:
            raise Malformed(f"it is broken at byte {place}: no field is of kind {kind}")
        if size > end - place:
            raise Malformed(f"it ends early: {size} bytes are missing after byte {place}")
        yield Part(number, place, place + size, kind == _LENGTH)
        place += size


def _varint(raw: Buffer, place: int, end: int) -> tuple[int, int]:
    """A number of up to 64 bits, and the place after it."""
    value = 0
    for shift in range(0, 7 * VARINT_BYTES, 7):
        if place >= end:
            raise Malformed("it ends within a number")
        byte = raw[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, place
    raise Malformed(f"a number before byte {place} has no end")
