"""Mutations of the fault data: seeded, so that what was found can be found again."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
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
    """Endless variety: one to four changes of a seed each; half of those that are JSON stay JSON, and
    come further."""
    parsed = [_parsed(seed) for seed in seeds]
    for _ in range(count):
        number = chance.randrange(len(seeds))
        if parsed[number] is not None and chance.random() < 0.5:
            tree = deepcopy(parsed[number])
            for _ in range(chance.randint(1, 3)):
                tree = _changed_tree(tree, chance)
            yield json.dumps(tree).encode("utf-8", "surrogatepass")
            continue
        payload = seeds[number]
        for _ in range(chance.randint(1, 4)):
            payload = _changed(payload, seeds, chance)
        yield payload


VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, float("nan"), float("inf"), 2**63, -(2**53), "", "on",
    "unlock", "lock.front_door", "cover.garage_door", "lock.unlock", "\u202eрuсk", "{{ 7 * 7 }}", "x" * 3000,
    [], {}, [[[[[[]]]]]], {"state": "unlocked"}, {"entity_id": "lock.front_door"}, ["yes"], "2580",
)  # fmt: skip


def _parsed(seed: bytes) -> Any:
    try:
        tree = json.loads(seed)
    except (ValueError, RecursionError):
        return None
    return tree if isinstance(tree, dict) and len(seed) < 20_000 else None


def _changed_tree(tree: Any, chance: random.Random) -> Any:
    """The tree with one of its values changed, gone, twice, or under another key."""
    if not isinstance(tree, dict | list) or not tree or chance.random() < 0.1:
        return deepcopy(chance.choice(VALUES))
    keys: list[Any] = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    key = chance.choice(keys)
    match chance.randrange(5):
        case 0:
            del tree[key]
        case 1 if isinstance(tree, dict):
            tree[chance.choice((*KEYS, *keys))] = deepcopy(tree[key])
        case 2 if isinstance(tree, dict):
            tree[chance.choice(KEYS)] = deepcopy(chance.choice(VALUES))
        case 3:
            tree[key] = _changed_tree(tree[key], chance)
        case _:
            tree[key] = deepcopy(chance.choice(VALUES))
    return tree


KEYS = (
    "id", "text", "service", "entity_id", "data", "pin", "challenge", "user", "session", "ts",
    "confirmed", "choice", "language", "unique_id", "name", "~", "command_topic", "cmd_t",
    "state_topic", "value_template", "availability_topic", "device", "device_class", "cmps",
    "brightness", "state", "current_position", "temperature",
)  # fmt: skip


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
