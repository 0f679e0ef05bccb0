"""What a model in a process of its own cannot do: hang us, flood us, be asked for more, stay behind."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from edge.artefact import load_artefact, shipped
from edge.errors import ModelFailed
from edge.isolate import ORDER_BYTES, Child, Limits
from edge.tasks.confined import ConfinedTranslator
from edge.tasks.translate import Translator


@pytest.fixture
def translator(tmp_path: Path) -> Iterator[ConfinedTranslator]:
    folder = Path(shutil.copytree(shipped("translate"), tmp_path / "translate"))
    model = ConfinedTranslator(load_artefact(folder), Limits(answer_seconds=2.0))
    yield model
    model.close()


def process_of(child: Child) -> subprocess.Popen[bytes]:
    assert child._process is not None
    return child._process


def test_it_answers_as_it_would_in_this_process(translator: ConfinedTranslator) -> None:
    text = "The washing machine is done."
    here = Translator(load_artefact(shipped("translate")))
    found = translator.translate_sync(text, "de")
    assert found == here.translate_sync(text, "de")
    assert translator.trusts(text, "en", found, "de") == here.trusts(text, "en", found, "de")
    assert translator.unknown_words("close the blorb", "en") == ["blorb"]


def test_one_that_hangs_is_ended_and_the_next_call_opens_it_again(
    translator: ConfinedTranslator,
) -> None:
    process = process_of(translator._child)
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(ModelFailed, match="gave no answer in 2 s"):
        translator.translate_sync("close the window", "de")
    assert process.poll() == -signal.SIGKILL
    assert translator.translate_sync("close the window", "de").whole


@pytest.mark.parametrize(
    ("method", "arguments"),
    [("tokens", {"text": "a"}), ("__class__", {}), ("translate_sync", {"txt": "a"})],
)
def test_it_can_be_asked_for_nothing_else(
    translator: ConfinedTranslator, method: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ModelFailed):
        translator._child.call(method, **arguments)
    assert translator.translate_sync("close the window", "de").whole


def test_a_text_that_the_pipe_may_not_take_is_not_sent(translator: ConfinedTranslator) -> None:
    with pytest.raises(ModelFailed, match="too long"):
        translator.translate_sync("a" * ORDER_BYTES, "de")


@pytest.mark.parametrize(
    "said",
    [b"\xff\n", b"[]\n", b'{"value": NaN}\n', b'{"text": 1}\n', b"[" * 100_000 + b"\n", b"7\n"],
)
def test_an_answer_that_is_none_ends_it(translator: ConfinedTranslator, said: bytes) -> None:
    with pytest.raises(Exception, match="no answer"):
        translator._child._said(said, "value")
    assert translator._child._process is None


def test_it_fills_no_file_and_gets_no_more_memory_than_it_may(tmp_path: Path) -> None:
    script = (
        "import os, sys; from edge.isolate import confine; confine(1 << 29)\n"
        "try: os.write(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT), b'x')\n"
        "except OSError as error: print(error.strerror)\n"
        "try: bytearray(1 << 29)\n"
        "except MemoryError: print('no memory')\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "file")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said == "File too large\nno memory\n"


def test_a_child_that_hangs_does_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    folder = shutil.copytree(shipped("translate"), tmp_path / "translate")
    script = (
        "import sys, time; from pathlib import Path; from edge.isolate import Child\n"
        "print(Child(Path(sys.argv[1]))._process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        held = os.open(f"/proc/{child.pid}/fd/0", os.O_WRONLY)  # so that its input does not end
        parent.kill()
        psutil.wait_procs([child], timeout=10)
        os.close(held)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_child_whose_parent_died_before_it_began_ends_too(tmp_path: Path) -> None:
    """Its parent is another one then, and goes on holding its input."""
    folder = shutil.copytree(shipped("translate"), tmp_path / "translate")
    gone = subprocess.Popen(["true"])
    gone.wait()
    with subprocess.Popen(
        [sys.executable, "-m", "edge.isolate", str(folder), str(1 << 32), "60", str(gone.pid)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as orphan:  # fmt: skip
        assert orphan.wait(60) == 1


def test_what_never_lets_another_thread_run_is_ended_all_the_same() -> None:
    script = (
        "import ctypes; from edge.isolate import no_longer_than\n"
        "with no_longer_than(0.5): ctypes.PyDLL(None).sleep(60)\n"  # holds the interpreter's lock
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], stderr=subprocess.DEVNULL, check=False, timeout=50
    )
    assert ended.returncode == 1


def test_one_that_was_closed_is_not_opened_again(translator: ConfinedTranslator) -> None:
    translator.close()
    with pytest.raises(ModelFailed, match="has been closed"):
        translator.translate_sync("close the window", "de")
    assert translator._child._process is None
