"""Mutations of the fault data: seeded, so that what was found can be found again."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

TOKENS = (
    b"NaN", b"Infinity", b"-1e999", b"1e400", b"9" * 400, b"\x00", b"\\u0000", b"\\ud800", b"\xff",
    b"\xef\xbb\xbf", b"[" * 40, b"{" * 40, b'"', b"\\", b"}", b"]", b",", b":", b"null", b"true",
    b'"confirmed":true', b'"pin":"0000"', b'"id":"x"', b'"challenge":"x"', b"lock.unlock",
    b"lock.front_door", b"cover.garage_door", "\u202e".encode(), "\u200b".encode(), "о".encode(),
    b"{{ config }}", b"{% for x in range(10**9) %}", b"../../", b"#", b"+", b"$SYS", b"A" * 3000,
    b'"~":"vendor/lock/front"', b'"command_topic":"vendor/lock/front/set"', b"unlock", b"yes",
)  # fmt: skip


def raw(row: dict[str, Any]) -> bytes:
    """The bytes of a row of the fault data; repetitions shortened, so that many fit in a minute."""
    if row["encoding"] == "base64":
        return base64.b64decode(row["payload"])
    if row["encoding"] == "gen":
        return "".join(u * min(n, 300) for u, n in json.loads(row["payload"])).encode()
    return str(row["payload"]).encode("utf-8", "surrogatepass")


def mutations(seeds: Sequence[bytes], count: int, chance: random.Random) -> Iterator[bytes]:
    """Endless variety: one to four changes of a seed each."""
    for _ in range(count):
        payload = chance.choice(seeds)
        for _ in range(chance.randint(1, 4)):
            payload = _changed(payload, seeds, chance)
        yield payload


def _changed(payload: bytes, seeds: Sequence[bytes], chance: random.Random) -> bytes:
    start = chance.randint(0, len(payload))
    end = min(len(payload), start + chance.randint(0, 12))
    match chance.randrange(7):
        case 0:  # a bit
            if not payload:
                return payload
            at = chance.randrange(len(payload))
            flipped = payload[at] ^ (1 << chance.randrange(8))
            return payload[:at] + bytes([flipped]) + payload[at + 1 :]
        case 1:  # a piece less
            return payload[:start] + payload[end:]
        case 2:  # a piece twice
            return payload[:end] + payload[start:end] * chance.randint(1, 5) + payload[end:]
        case 3:  # something known to hurt
            return payload[:start] + chance.choice(TOKENS) + payload[start:]
        case 4:  # something known to hurt, in the place of a piece
            return payload[:start] + chance.choice(TOKENS) + payload[end:]
        case 5:  # the end missing
            return payload[:start]
        case _:  # the head of one, the tail of another
            other = chance.choice(seeds)
            return payload[:start] + other[chance.randint(0, len(other)) :]
