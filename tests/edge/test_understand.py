import asyncio
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.artefact import load_artefact, shipped, version_key
from edge.errors import ArtefactError
from edge.sessions import SessionPool
from edge.tasks.cleaning import clean
from edge.tasks.tag_paths import best_tags
from edge.tasks.understand import UnderstandingModel, load_understanding
from edge.tasks.understanding_schema import TAGS


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped artefact, to be spoilt."""
    return Path(shutil.copytree(shipped("understand"), tmp_path / "understand"))


def spoil(copy: Path, **changes: object) -> None:
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest.update(changes)
    path.write_text(json.dumps(manifest), "utf-8")


def test_two_wishes_are_read_in_one_pass(model: UnderstandingModel) -> None:
    reading = model.read_sync("turn off the kitchen light and open the blinds in the bedroom")
    assert [clause.intent for clause in reading.clauses] == ["HassTurnOff", "HassTurnOn"]
    assert reading.for_us > 0.9


def test_spans_are_places_in_the_sentence_as_it_was_given(model: UnderstandingModel) -> None:
    text = "  Turn off the\u200b ｋｉｔｃｈｅｎ lights, please!"
    for clause in model.read_sync(text).clauses:
        for span in clause.spans:
            assert text[span.start : span.end] == span.text


@pytest.mark.parametrize("text", ["", "   ", "?!?!", "🔓", "\u202e", "\x00\x01"])
def test_nothing_to_read_gives_an_empty_reading(model: UnderstandingModel, text: str) -> None:
    assert model.read_sync(text).clauses == ()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    reading = _model().read_sync(text)
    assert 0.0 <= reading.for_us <= 1.0


_kept: list[UnderstandingModel] = []


def _model() -> UnderstandingModel:
    if not _kept:
        _kept.append(load_understanding())
    return _kept[0]


async def test_reading_leaves_the_loop_free_and_many_can_read_at_once(pool: SessionPool) -> None:
    model = load_understanding(pool=pool)
    readings = await asyncio.gather(*(model.read("turn on the light") for _ in range(20)))
    assert {reading.clauses[0].intent for reading in readings} == {"HassTurnOn"}


def test_tags_are_always_a_valid_sequence() -> None:
    scores = np.random.default_rng(1).normal(size=(12, len(TAGS))).astype(np.float32)
    path = [TAGS[i] for i in best_tags(scores)]
    for before, tag in zip(["O", *path], path, strict=False):
        if tag.startswith("I-"):
            assert before in (f"B-{tag[2:]}", tag)


def test_cleaning_keeps_the_way_back() -> None:
    cleaned, offsets = clean("a\u202eﬁb")
    assert cleaned == "afib"
    assert offsets == [0, 2, 2, 3]


def test_a_flipped_bit_is_found_before_the_file_is_parsed(copy: Path) -> None:
    path = copy / "model.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArtefactError, match="SHA-256"):
        load_artefact(copy)


def test_a_cut_file_is_found_by_its_size(copy: Path) -> None:
    path = copy / "model.onnx"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ArtefactError, match="bytes"):
        load_artefact(copy)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"danger_policy": {}}, "danger_policy"),
        ({"name": "../../bin/hub"}, "name"),
        ({"files": {"../x": {"sha256": "0" * 64, "bytes": 1}}}, "files"),
        ({"expires": "2020-01-01T00:00:00Z"}, "expired"),
        ({"schema_version": 2}, "schema_version"),
    ],
)
def test_a_manifest_that_says_too_much_is_refused(
    copy: Path, changes: dict[str, object], why: str
) -> None:
    spoil(copy, **changes)
    with pytest.raises(ArtefactError, match=why):
        load_artefact(copy)


def test_a_link_out_of_the_folder_is_refused(copy: Path, tmp_path: Path) -> None:
    path = copy / "tokenizer.json"
    outside = tmp_path / "elsewhere.json"
    path.rename(outside)
    path.symlink_to(outside)
    with pytest.raises(ArtefactError, match="regular file"):
        load_artefact(copy)


def test_a_model_that_reads_differently_fails_its_self_test(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    golden = [{**entry, "intent": (entry["intent"] + 1) % 10} for entry in manifest["golden"]]
    spoil(copy, golden=golden)
    with pytest.raises(ArtefactError, match="self-test"):
        UnderstandingModel(load_artefact(copy))


def test_versions_are_ordered_as_numbers() -> None:
    assert version_key("1.10.0") > version_key("1.9.0")


def test_tags_of_markup_are_not_read() -> None:
    said = "turn on <b>the light</b>"
    cleaned, offsets = clean(said)
    assert cleaned.split() == ["turn", "on", "the", "light"]
    assert [said[at] for at in offsets[-6:-1]] == list("light")
