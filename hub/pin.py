"""The owner's PIN: only its salted scrypt hash is kept, as one line of the configuration.

`scrypt:N:r:p:salt:key` with salt and key in base64 (RFC 7914). A PIN is digits, so that it can be
typed on a keypad and spoken; what protects so short a secret is that guesses are counted
(`hub.pin_guard`), the hash only keeps it from being read in the file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

COST, BLOCK, LANES = 1 << 14, 8, 1
"""scrypt's N, r, p: 16 MiB and about 70 ms on a small machine."""
KEY_BYTES, SALT_BYTES = 32, 16
MEMORY_LIMIT = 64 << 20
SHORTEST, LONGEST = 4, 12


COMMONEST = frozenset(
    "1234 1111 0000 1212 7777 1004 2000 4444 2222 6969 9999 3333 5555 6666 1122 1313 8888 4321 "
    "2001 1010 12345 123456 11111 111111 000000 00000 654321 123123".split()
)
"""The first guesses of anybody: the commonest 20 of four digits make up a quarter of all PINs."""


class PinError(ValueError):
    """A PIN or a line for one that cannot be used. The message never repeats it."""


@dataclass(frozen=True, slots=True)
class PinHash:
    """What is known of the PIN."""

    cost: int
    block: int
    lanes: int
    salt: bytes
    key: bytes


def hash_pin(pin: str) -> str:
    """The line for the configuration. Blocks for about 70 ms. Raises `PinError`."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise PinError(f"a PIN has {SHORTEST} to {LONGEST} digits and nothing else")
    if pin in COMMONEST:
        raise PinError("this is one of the commonest PINs; choose another")
    salt = secrets.token_bytes(SALT_BYTES)
    key = _key(pin, PinHash(COST, BLOCK, LANES, salt, b""))
    return ":".join(["scrypt", str(COST), str(BLOCK), str(LANES), _text(salt), _text(key)])


def read_hash(line: str) -> PinHash:
    """The hash of a configuration's line. Raises `PinError`."""
    parts = line.split(":")
    try:
        kind, cost, block, lanes, salt, key = parts
        found = PinHash(
            int(cost), int(block), int(lanes),
            base64.b64decode(salt, validate=True), base64.b64decode(key, validate=True),
        )  # fmt: skip
    except (ValueError, binascii.Error) as error:
        raise PinError("is not a PIN's hash; `hearthd pin` prints one") from error
    power_of_two = found.cost > 1 and found.cost & (found.cost - 1) == 0
    small = 128 * found.cost * max(1, found.block) <= MEMORY_LIMIT // 2
    sane = 1 <= found.block <= 32 and 1 <= found.lanes <= 4 and len(found.salt) >= 8
    if kind != "scrypt" or not (power_of_two and small and sane) or len(found.key) != KEY_BYTES:
        raise PinError("is not a PIN's hash; `hearthd pin` prints one")
    return found


def matches(pin: str, known: PinHash) -> bool:
    """Whether this is the PIN, in a time that does not tell how much of it is right. Blocks."""
    return secrets.compare_digest(_key(pin, known), known.key)


def _key(pin: str, known: PinHash) -> bytes:
    return hashlib.scrypt(
        pin.encode("utf-8", "surrogatepass"), salt=known.salt, n=known.cost, r=known.block,
        p=known.lanes, maxmem=MEMORY_LIMIT, dklen=KEY_BYTES,
    )  # fmt: skip


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
