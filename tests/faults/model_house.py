"""A house whose hub reads with a model that its owner signed and installed, and what is done to it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.artefact import load_artefact, shipped
from edge.signature import SIGNATURE, new_key, sign
from tests.artefacts import spoil
from tests.faults.house import HUB, FaultyHouse

GOOD = "90.0.0"
"""The version that has served."""
SERVING = f"understand {GOOD} (CPU)"
FILES = ("manifest.json", SIGNATURE, "model.onnx", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class Models:
    """The folder of installed models, the owner's key, and where new artefacts are packed."""

    house: FaultyHouse
    root: Path
    key: Path
    workshop: Path

    @property
    def installed(self) -> Path:
        """Where the understanding model lies."""
        return self.root / "understand"

    def packed(self, version: str, key: Path | None = None, **changes: Any) -> Path:
        """A copy of what hearthd ships, of another version; signed if a key is given."""
        folder = self.workshop / "new"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(shipped("understand"), folder)
        spoil(folder, version=version, **changes)
        if key is not None:
            sign(folder / "manifest.json", key)
        return folder

    def turned(self, version: str, model: Callable[[Path], bytes]) -> Path:
        """Unsigned, with another graph."""
        folder = self.packed(version)
        raw = model(folder / "model.onnx")
        (folder / "model.onnx").write_bytes(raw)
        files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
        files["model.onnx"] = {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
        spoil(folder, files=files)
        return folder

    async def add(self, folder: Path, *options: str) -> tuple[int, str]:
        """`hearthd models add`: its exit code, and what it said."""
        config = str(self.house.folder / "hearthd.toml")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub.cli.main", "models", "add", str(folder), *options,
            "--config", config,
            env={**os.environ, "PYTHONPATH": str(HUB.parents[2]), **self.house.environment},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        return await process.wait(), said.decode()

    async def serving(self, engine: str) -> None:
        """Wait until the hub says that this one reads."""
        said = {"serving": engine}
        await self.house.witness.hear("hearthd/event/model", 120, content=said)

    def version(self) -> str:
        """Of what is installed."""
        return load_artefact(self.installed).manifest.version


async def models_of(house: FaultyHouse) -> Models:
    """At the first call the owner trusts his key, and installs a version that then serves."""
    models = Models(house, house.folder / "models", house.folder / "owner.pem", house.folder)
    if models.key.exists():
        return models
    house.environment["HEARTHD_MODELS"] = str(models.root)
    trusted = f'[models]\ntrusted_keys = ["{new_key(models.key)}"]\n'
    with (house.folder / "hearthd.toml").open("a", encoding="utf-8") as config:
        config.write(trusted)
    await house.kill_hub()
    await house.start_hub()
    code, said = await models.add(await asyncio.to_thread(models.packed, GOOD, models.key))
    assert code == 0, said
    await models.serving(SERVING)
    await house.serves_again(60)
    shutil.copytree(models.installed, models.workshop / "good")
    return models


async def refused(models: Models, folder: Path, reason: str) -> None:
    """It cannot be added, while people speak; what is installed is what it was."""
    talking = asyncio.create_task(models.house.say_many(10))
    code, said = await models.add(folder)
    await talking
    assert code == 5 and reason in " ".join(said.split()), (code, reason, said)
    assert models.version() == GOOD
    assert not list(models.root.glob(".incoming*")), list(models.root.iterdir())


async def put_back(models: Models) -> None:
    """The owner puts the good one back by hand, and the hub takes it up."""
    await lay_down(models)
    await models.serving(SERVING)


async def lay_down(models: Models) -> None:
    """The good one in its place, byte by byte."""
    aside = models.root / ".incoming-by-hand"
    await asyncio.to_thread(shutil.copytree, models.workshop / "good", aside)
    shutil.rmtree(models.installed, ignore_errors=True)
    aside.rename(models.installed)
