"""The model that reads, changed while somebody speaks."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys

from edge.artefact import shipped
from tests.faults.house import HUB, FaultyHouse


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
