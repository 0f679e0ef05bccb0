"""`hearthd models keygen`, `sign` and `trust`: who vouches for a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.common import CommandFailed, ConfigOption, friendly


@friendly
def keygen(
    private_key: Annotated[
        Path, typer.Argument(help="Where the private key goes: not on the hub.")
    ],
) -> None:
    """Make a key to sign artefacts with; prints the public key, for `hearthd models trust`."""
    from edge.signature import new_key

    print(new_key(private_key))


@friendly
def sign(
    folder: Annotated[Path, typer.Argument(help="The folder of an artefact.")],
    key: Annotated[Path, typer.Option(help="The private key, from `hearthd models keygen`.")],
) -> None:
    """Sign an artefact: verify its files, and vouch for its manifest."""
    from edge.artefact import load_artefact, read_manifest
    from edge.signature import SIGNATURE
    from edge.signature import sign as sign_manifest

    read_manifest(folder / "manifest.json")
    (folder / SIGNATURE).unlink(missing_ok=True)  # an old one, of other bytes
    manifest = load_artefact(folder).manifest
    public = sign_manifest(folder / "manifest.json", key)
    print(f"{manifest.name} {manifest.version} is signed by {public}")


@friendly
def trust(
    key: Annotated[str, typer.Argument(help="A public key, ed25519:…, from who keeps it.")],
    config: ConfigOption = None,
) -> None:
    """Trust what a key signed: adds it to models.trusted_keys in the configuration."""
    from edge.signature import key_bytes
    from hub.config import default_path
    from hub.config_trust import trust_key

    try:
        key_bytes(key)
    except ValueError as error:
        raise CommandFailed(f"{key}: {error}") from error
    path = config or default_path()
    new = trust_key(path, key)
    print(f"{path}: {key} is trusted" + ("" if new else " already"))
