"""The understanding model of a hub: what is not trusted reads in a process of its own, and what fails
gives way to the last good one, also in the middle of a sentence."""

import asyncio
import json
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from edge.artefact import load_artefact, shipped
from edge.errors import ArtefactError, EdgeError, ModelFailed
from edge.isolate import Limits
from edge.record import read_record
from edge.serving import understanding_opener
from edge.sessions import SessionPool
from edge.signature import new_key, sign
from edge.store import Admission, install, prove, remove, roll_back
from edge.tasks.confined import ConfinedUnderstanding
from edge.tasks.understand import UnderstandingModel
from hub.reader import FAILURES, InstalledReader, open_reader
from tests.artefacts import spoil
from tests.hubs import client, hub, settings_for, simulated_home

NEW = "90.0.0"
QUICK = Limits(answer_seconds=0.5)
Opener = Callable[..., InstalledReader]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "models"


def update(tmp_path: Path, number: str = NEW, wrong: bool = False) -> Path:
    folder = Path(shutil.copytree(shipped("understand"), tmp_path / f"understand-{number}"))
    golden = json.loads((folder / "manifest.json").read_text("utf-8"))["golden"]
    if wrong:
        golden[0]["intent"] = (golden[0]["intent"] + 1) % 5
    spoil(folder, version=number, golden=golden)
    return folder


@pytest.fixture
async def opened(root: Path, pool: SessionPool) -> AsyncIterator[Opener]:
    readers: list[InstalledReader] = []

    def open_it(*keys: str, named: Path | None = None) -> InstalledReader:
        readers.append(
            open_reader(root, keys, understanding_opener(keys, pool, limits=QUICK), named)
        )
        return readers[-1]

    yield open_it
    for reader in readers:
        reader.close()


def hang(reader: InstalledReader) -> None:
    model = reader.model
    assert isinstance(model, ConfinedUnderstanding)
    process = model._child._process
    assert process is not None
    process.send_signal(signal.SIGSTOP)


async def test_an_update_reads_and_has_proven_itself_with_its_first_sentence(
    tmp_path: Path, root: Path, opened: Opener, model: UnderstandingModel
) -> None:
    install(update(tmp_path), root)
    reader = opened()
    assert (reader.engine, reader.served.trial) == (f"understand {NEW} (CPU), confined", True)
    text = "turn off the kitchen lights and close the blinds"
    assert await reader.read(text) == model.read_sync(text)
    assert read_record(root, "understand").floor == NEW
    assert not opened().served.trial


async def test_a_signed_update_reads_in_this_process(
    tmp_path: Path, root: Path, opened: Opener
) -> None:
    key = tmp_path / "key.pem"
    public = new_key(key)
    folder = update(tmp_path)
    sign(folder / "manifest.json", key)
    install(folder, root, Admission([public]))
    assert opened(public).engine == f"understand {NEW} (CPU)"
    assert opened().engine.endswith("confined")  # its key is trusted no longer


async def test_a_first_sentence_that_fails_is_read_by_the_model_before(
    tmp_path: Path, root: Path, opened: Opener, capfd: pytest.CaptureFixture[str]
) -> None:
    install(update(tmp_path), root)
    reader = opened()
    told: list[str] = []
    reader.changed = lambda model: told.append(model.engine)
    hang(reader)
    assert (await reader.read("turn on the light")).clauses[0].intent == "HassTurnOn"
    assert reader.served.folder == shipped("understand")
    assert told == [reader.engine]
    assert not (root / "understand").exists()
    logged = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["event"] for line in logged] == ["model_failed"]
    assert "no answer in" in logged[0]["reason"]
    assert "turn on" not in json.dumps(logged)


async def test_a_model_that_has_served_is_opened_again_and_given_up_when_it_keeps_failing(
    tmp_path: Path, root: Path, opened: Opener
) -> None:
    install(update(tmp_path), root)
    reader = opened()
    await reader.read("turn on the light")
    hang(reader)
    with pytest.raises(ModelFailed, match="no answer in"):
        await reader.read("turn on the light")
    assert (await reader.read("turn on the light")).clauses  # opened again
    for _ in range(FAILURES - 1):
        hang(reader)
        with pytest.raises(ModelFailed, match="no answer in"):
            await reader.read("turn on the light")
        assert isinstance(reader.model, ConfinedUnderstanding)
        reader.model._child._open()  # what the next call does first
    hang(reader)
    assert (await reader.read("turn on the light")).clauses
    assert reader.served.folder == shipped("understand")
    assert (root / "understand").exists()  # it had served: the next start tries it again


async def test_an_update_that_reads_its_own_examples_wrong_never_serves(
    tmp_path: Path, root: Path, opened: Opener
) -> None:
    install(update(tmp_path, "90.0.0"), root)
    prove(root, "understand")
    install(update(tmp_path, "91.0.0", wrong=True), root)
    reader = opened()
    assert "90.0.0" in reader.engine
    assert load_artefact(root / "understand").manifest.version == "90.0.0"


async def test_a_model_that_the_configuration_names_is_confined_unless_it_is_signed(
    tmp_path: Path, opened: Opener
) -> None:
    folder = update(tmp_path)
    assert opened(named=folder).engine.endswith("confined")
    with pytest.raises(ArtefactError, match="self-test failed"):
        opened(named=update(tmp_path, "91.0.0", wrong=True))


async def test_an_update_takes_over_while_the_one_before_reads(
    tmp_path: Path, root: Path, opened: Opener
) -> None:
    install(update(tmp_path, "90.0.0"), root)
    prove(root, "understand")
    reader = opened()
    before = reader.model
    told: list[str] = []
    reader.changed = lambda model: told.append(model.engine)
    install(update(tmp_path, "91.0.0"), root)
    opening = asyncio.create_task(reader.take_up())
    while not opening.done():
        assert (await reader.read("turn on the light")).clauses[0].intent == "HassTurnOn"
    assert "91.0.0" in reader.engine
    assert told == [reader.engine]
    with pytest.raises(ModelFailed, match="closed"):
        await before.read("turn on the light")
    await reader.read("turn on the light")
    assert read_record(root, "understand").floor == "91.0.0"


async def test_an_update_that_reads_its_own_examples_wrong_does_not_take_over(
    tmp_path: Path, root: Path, opened: Opener
) -> None:
    install(update(tmp_path, "90.0.0"), root)
    prove(root, "understand")
    reader = opened()
    before = reader.model
    failed: list[EdgeError] = []
    reader.tell = failed.append
    install(update(tmp_path, "91.0.0", wrong=True), root)
    await reader.take_up()
    assert reader.model is before
    assert load_artefact(root / "understand").manifest.version == "90.0.0"
    assert "self-test failed" in str(failed[0])
    assert (await reader.read("turn on the light")).clauses


async def test_what_is_rolled_back_or_removed_by_hand_reads_no_longer(
    tmp_path: Path, root: Path, opened: Opener
) -> None:
    install(update(tmp_path, "90.0.0"), root)
    prove(root, "understand")
    install(update(tmp_path, "91.0.0"), root)
    reader = opened()
    roll_back(root, "understand")
    await reader.take_up()
    assert "90.0.0" in reader.engine
    remove(root, "understand")
    await reader.take_up()
    assert reader.served.folder == shipped("understand")


async def test_a_hub_starts_on_what_works_and_reads_with_an_update(
    broker: int, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARTHD_MODELS", str(root))
    install(update(tmp_path), root)
    settings = settings_for(broker, tmp_path)
    async with simulated_home(broker), hub(settings), client(broker, "hearthd/reply/#") as someone:
        reply = await someone.say("kitchen", text="turn on the kitchen light")
        assert reply["status"] == "done"
    assert read_record(root, "understand").floor == NEW


async def test_a_running_hub_takes_up_an_update_and_says_so(
    broker: int, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARTHD_MODELS", str(root))
    settings = settings_for(broker, tmp_path)
    topics = "hearthd/reply/#", "hearthd/event/model"
    async with simulated_home(broker), hub(settings), client(broker, *topics) as someone:
        await asyncio.to_thread(install, update(tmp_path), root)
        serving = f"understand {NEW} (CPU), confined"
        await someone.hear("hearthd/event/model", 60, content={"serving": serving})
        reply = await someone.say("kitchen", text="turn on the kitchen light")
        assert reply["status"] == "done"
        await asyncio.to_thread(install, update(tmp_path, "91.0.0", wrong=True), root)
        event = await someone.hear("hearthd/event/model", 60)
        assert "self-test failed" in event["content"]["failed"]
    assert read_record(root, "understand").floor == NEW
