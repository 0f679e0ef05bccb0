"""Signed artefacts: Ed25519 (RFC 8032) over the exact bytes of `manifest.json`.

The manifest holds the digest of every other file, so that one signature vouches for the whole
folder. It lies beside the manifest as `manifest.json.sig`, one line of two words: the public key as
`ed25519:BASE64`, and the signature in base64. Who is trusted is not said here: see `edge.trust`.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from pathlib import Path

from edge.errors import ArtefactError

SIGNATURE = "manifest.json.sig"
_KEY = r"^ed25519:[A-Za-z0-9+/]{43}=$"
"""A public key as people write it down: 32 bytes in base64."""
_LIMIT = 1 << 10
"""Bytes of a signature file or a private key; both are smaller."""


def new_key(place: Path) -> str:
    """Write a new private key to `place`, readable by its owner only; returns the public one.

    Raises `ArtefactError` rather than replace a file: what an old key signed needs it still."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 (8 MB, rarely needed)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )

    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ArtefactError(place, "is there already; name another file") from error
    except OSError as error:
        raise ArtefactError(place, f"cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(pem)
    return _named(key.public_key().public_bytes_raw())


def sign(manifest: Path, private_key: Path) -> str:
    """Sign a manifest with the private key in a file; returns the public key.

    Raises `ArtefactError` for a file that holds no Ed25519 key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(private_key.read_bytes()[:_LIMIT], password=None)
    except OSError as error:
        raise ArtefactError(private_key, f"cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise ArtefactError(private_key, "holds no private key; `hearthd models keygen`") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ArtefactError(private_key, "is not an Ed25519 key; `hearthd models keygen`")
    public = _named(key.public_key().public_bytes_raw())
    signature = base64.b64encode(key.sign(manifest.read_bytes())).decode()
    unfinished = manifest.with_name(f"{SIGNATURE}.new")
    unfinished.write_text(f"{public} {signature}\n", "ascii")
    unfinished.replace(manifest.with_name(SIGNATURE))
    return public


def signer(manifest: Path, content: bytes) -> str | None:
    """The public key that signed `content`, which was read from `manifest`; None if nobody did.

    Raises `ArtefactError` for a signature that is malformed or of other bytes: somebody signed
    this and somebody changed it, which is worse than never having been signed."""
    place = manifest.with_name(SIGNATURE)
    if not place.exists() and not place.is_symlink():
        return None
    if place.is_symlink() or not place.is_file() or place.stat().st_size > _LIMIT:
        raise ArtefactError(place, "not a signature")
    words = place.read_bytes().decode("ascii", "replace").split()
    if len(words) != 2 or not re.fullmatch(_KEY, words[0]):
        raise ArtefactError(place, "not a signature: expected `ed25519:KEY SIGNATURE`")
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PublicKey,
    )

    try:
        key = Ed25519PublicKey.from_public_bytes(key_bytes(words[0]))
        key.verify(base64.b64decode(words[1], validate=True), content)
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise ArtefactError(
            place, f"does not fit manifest.json, which was changed since {words[0]} signed it"
        ) from error
    return words[0]


def key_bytes(public: str) -> bytes:
    """The 32 bytes of a public key. Raises `ValueError` for what is none."""
    if not re.fullmatch(_KEY, public):
        raise ValueError("is not a public key, which looks like ed25519:…= with 44 characters")
    return base64.b64decode(public.removeprefix("ed25519:"), validate=True)


def _named(raw: bytes) -> str:
    return f"ed25519:{base64.b64encode(raw).decode()}"
