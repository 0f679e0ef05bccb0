"""Artefacts whose digests are right and whose maker meant no good: each ends in a clear error in a
process of its own, within its limits, and this process goes on."""

import base64
import json
from pathlib import Path

import pytest

from edge.errors import ArtefactError
from edge.isolate import Limits, try_artefact
from tests.artefacts import handmade

TIGHT = Limits(seconds=6.0, memory=1 << 30)


def models(data: Path) -> dict[str, bytes]:
    lines = (data / "bad_inputs.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return {
        row["id"]: base64.b64decode(row["payload"])
        for row in rows
        if row["surface"] == "model_artifact" and row["topic"].endswith(".onnx")
    }


def test_every_hostile_graph_is_refused_by_the_task_it_claims(data: Path, tmp_path: Path) -> None:
    for name, model in models(data).items():
        with pytest.raises(ArtefactError) as caught:
            try_artefact(handmade(tmp_path / name, model), TIGHT)
        assert caught.value.reason, name


def test_a_graph_that_never_ends_is_ended(tmp_path: Path) -> None:
    from tests.graphs import endless_embedder

    folder = endless_embedder(tmp_path / "endless")
    with pytest.raises(ArtefactError, match="no answer in 3 s"):
        try_artefact(folder, Limits(seconds=3.0, memory=1 << 30))


def test_a_graph_that_asks_for_too_much_memory_is_refused(tmp_path: Path) -> None:
    from tests.graphs import greedy_embedder

    with pytest.raises(ArtefactError, match=r"(?i)inference failed|memory|signal"):
        try_artefact(greedy_embedder(tmp_path / "greedy"), TIGHT)


def test_a_tokenizer_that_is_none_is_refused(tmp_path: Path) -> None:
    from tests.graphs import endless_embedder

    folder = endless_embedder(tmp_path / "words", tokenizer=b"[" * 100_000)
    with pytest.raises(ArtefactError, match="not a tokenizer"):
        try_artefact(folder, TIGHT)
