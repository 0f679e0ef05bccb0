"""The model that reads, changed while somebody speaks: by a cut, by strangers, by what it hides."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.artefact import load_artefact, shipped
from edge.signature import SIGNATURE, new_key, sign
from tests.artefacts import spoil
from tests.faults.house import HUB, FaultyHouse
from tests.faults.model_house import (
    FILES,
    GOOD,
    SERVING,
    lay_down,
    models_of,
    put_back,
    refused,
)
from tests.graphs import eats_memory_on_long_sentences, hangs_on_long_sentences

LONG_SENTENCE = (
    "could you please be so kind and turn on the light that is called one because it is getting "
    "dark in here and I would like to go on reading the book that I began yesterday evening"
)


async def update_cut(house: FaultyHouse) -> None:
    """The power goes at some moment of an update: the next start reads with one version or the
    other, and what the update left behind is in order."""
    models = house.folder / "models"
    house.environment["HEARTHD_MODELS"] = str(models)
    new = house.folder / "new"
    shutil.rmtree(new, ignore_errors=True)
    await asyncio.to_thread(shutil.copytree, shipped("understand"), new)
    manifest = json.loads((new / "manifest.json").read_text("utf-8"))
    manifest["version"] = f"99.{house.turn}.0"
    (new / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    adding = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "models", "add", str(new),
        env={**os.environ, "PYTHONPATH": str(HUB.parents[2]), **house.environment},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    talking = asyncio.create_task(house.say_many(10))
    await asyncio.sleep(house.random.uniform(0.3, 3))
    await house.kill_hub()
    if adding.returncode is None:
        adding.kill()
    await adding.wait()
    await house.start_hub()
    await talking
    left = {path.name for path in models.glob("*")} | {path.name for path in models.glob(".*")}
    assert not any(name.startswith((".incoming", ".old", ".refused")) for name in left), left


async def wrong_key(house: FaultyHouse) -> None:
    """Signed by a stranger; with a signature of something else; without one."""
    models = await models_of(house)
    folder = await asyncio.to_thread(models.packed, f"91.{house.turn}.0")
    manifest, signature = folder / "manifest.json", folder / SIGNATURE
    trick = house.random.choice(("stranger", "borrowed", "relabelled", "none"))
    stranger = house.folder / "stranger.pem"
    stranger.unlink(missing_ok=True)
    public = new_key(stranger)
    reason = "does not fit manifest.json"
    if trick == "stranger":
        sign(manifest, stranger)
        reason = "is not in models.trusted_keys"
    elif trick == "borrowed":  # the owner's, of the version that he has
        shutil.copyfile(models.installed / SIGNATURE, signature)
    elif trick == "relabelled":  # the stranger's, under the owner's name
        owner = sign(manifest, models.key)
        sign(manifest, stranger)
        signature.write_text(signature.read_text("ascii").replace(public, owner), "ascii")
    else:
        reason = "is not signed, and the understand that it would replace was"
    await refused(models, folder, reason)


async def older_version(house: FaultyHouse) -> None:
    """Signed by the owner himself, long ago: it may have a weakness that he has mended since."""
    models = await models_of(house)
    old = (
        f"{house.random.randint(3, 89)}.{house.random.randint(0, 99)}.{house.random.randint(0, 9)}"
    )
    folder = await asyncio.to_thread(models.packed, old, models.key)
    await refused(models, folder, "older than the installed 90.0.0")


async def expired_manifest(house: FaultyHouse) -> None:
    """By a second or by years: offered, or already installed, when the one before it reads on."""
    models = await models_of(house)
    ago = timedelta(seconds=house.random.choice((1, 60, 86_400, 86_400 * 3650)))
    expires = (datetime.now(UTC) - ago).isoformat()
    if house.random.random() < 0.5:
        folder = await asyncio.to_thread(
            models.packed, f"91.{house.turn}.0", models.key, expires=expires
        )
        await refused(models, folder, "expired on")
        return
    spoil(models.installed, expires=expires)
    talking = asyncio.create_task(house.say_many(10))
    sign(models.installed / "manifest.json", models.key)
    await models.serving(_shipped())
    await talking
    await house.serves_again(60)
    await put_back(models)


async def bits_flipped(house: FaultyHouse) -> None:
    """One bit of one file: on the way to the house, or on its disk, where a start finds it."""
    models = await models_of(house)
    if house.random.random() < 0.5:
        folder = await asyncio.to_thread(models.packed, f"91.{house.turn}.0", models.key)
        name = _flip(house, folder)
        reasons = {SIGNATURE: SIGNATURE, "manifest.json": "does not fit manifest.json"}
        await refused(models, folder, reasons.get(name, "SHA-256"))
        return
    _flip(house, models.installed)
    await house.say_many(5)
    await house.settle()
    await house.kill_hub()
    await house.start_hub()
    await house.serves_again(60)
    assert "model_failed" in house.log(), house.log()
    await put_back(models)


def _flip(house: FaultyHouse, folder: Path) -> str:
    """The name of the file. Of a signature one of its first words: the last letter of base64 has
    bits that mean nothing."""
    name = house.random.choice(FILES)
    path = folder / name
    size = 80 if name == SIGNATURE else path.stat().st_size
    place, bit = house.random.randrange(size), 1 << house.random.randrange(8)
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ bit]))
    return name


async def model_that_hangs(house: FaultyHouse) -> None:
    """Only when a long sentence is said: its own examples come out right."""
    await _turns_bad(house, hangs_on_long_sentences)


async def model_that_eats_memory(house: FaultyHouse) -> None:
    """Likewise."""
    await _turns_bad(house, eats_memory_on_long_sentences)


async def _turns_bad(house: FaultyHouse, graph: Callable[[Path], bytes]) -> None:
    """A stranger's model takes over; when it fails it gives way, at once if it had not served yet,
    else at the third time. Meanwhile commands are carried out and the hub stays small."""
    models = await models_of(house)
    version = f"91.{house.turn}.0"
    folder = await asyncio.to_thread(models.turned, version, graph)
    code, said = await models.add(folder, "--untrusted")
    assert code == 0, said
    await models.serving(f"understand {version} (CPU), confined")
    before = house.process().memory_info().rss
    if house.random.random() < 0.5:
        await house.ask(60, text="turn on one")
    talking = asyncio.create_task(house.say_many(10))
    back = asyncio.create_task(models.serving(SERVING))
    while not back.done():
        await house.ask(60, text=LONG_SENTENCE)
        await asyncio.sleep(0.2)
    await back
    await talking
    grown = house.process().memory_info().rss - before
    assert grown < 256 << 20, f"grew by {grown >> 20} MiB"
    if models.version() != GOOD:  # it had served: given up until the next start only
        await lay_down(models)


def _shipped() -> str:
    manifest = load_artefact(shipped("understand")).manifest
    return f"{manifest.name} {manifest.version} (CPU)"
