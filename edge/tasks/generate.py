"""Text generation by a decoder with a key-value cache (ONNX Runtime GenAI), token by token.

A request is a prompt or a chat and `Options`. Tokens come as they are made; who stops listening
stops the computation before the next token. Guided generation lets only tokens through that keep
the text within a JSON Schema, a regular expression or a Lark grammar: it guarantees form, not
meaning.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Literal

import onnxruntime_genai as genai

from edge.artefact import Artefact
from edge.errors import ArtefactError, ModelFailed
from edge.sessions import EXACT_PRODUCTS, SessionOptions, SessionPool, give_back_memory
from edge.tasks.settings import read_settings, require_task

Finish = Literal["end", "stop", "tokens", "time"]
"""Why a text ended: the model was done, a stop sequence came, or a limit was reached."""

PROMPT_PART = 256
"""Tokens of a prompt that are read at once."""

_COMPACT = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
"""Of guided JSON: a third of the tokens, and none of them spent on indentation."""

if hasattr(genai, "disable_telemetry_events"):
    genai.disable_telemetry_events()  # nothing leaves the machine, whatever the build's default


@dataclass(frozen=True, slots=True)
class Options:
    """How to generate. `temperature` 0 is greedy; the other sampling fields count only above it.

    `stop` sequences are not part of the text. At most one of `json_schema`, `regex` and `grammar`
    guides the output. `seconds` counts from the first token's computation on.
    """

    max_tokens: int = 256
    seconds: float = 30.0
    temperature: float = 0.0
    top_k: int = 50
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    seed: int | None = None
    stop: Sequence[str] = ()
    json_schema: Mapping[str, Any] | None = None
    regex: str | None = None
    grammar: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(slots=True)
class Text:
    """A text in the making: iterate over it for its pieces; afterwards `finish` says why it ended.
    `prompt_tokens` and `tokens` are counts."""

    pieces: Iterator[str]
    prompt_tokens: int = 0
    tokens: int = 0
    finish: Finish = "end"
    said: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        for piece in self.pieces:
            self.said.append(piece)
            yield piece

    def __str__(self) -> str:
        return "".join(self.said)


class Generator:
    """A loaded generation artefact. `task_settings`: `context` in tokens, `threads`, and the
    `chat` template (Jinja, as checkpoints bring it; empty for base models)."""

    def __init__(
        self,
        artefact: Artefact,
        options: SessionOptions | None = None,
        pool: SessionPool | None = None,
    ) -> None:
        require_task(artefact, "generate")
        self.settings = read_settings(artefact, {"context": 2048, "chat": ""})
        threads = (options or SessionOptions()).intra_op_threads
        self._model = _load(artefact, threads)
        self._tokenizer = genai.Tokenizer(self._model)
        self._ends = set(self._tokenizer.eos_token_ids)
        self._pool = pool
        self.engine = f"{artefact.manifest.name} {artefact.manifest.version} (CPU)"
        self._self_test(artefact)
        give_back_memory()

    def chat_prompt(self, messages: Sequence[Message]) -> str:
        """The chat in the form that the model was trained on, ready for its answer.

        Raises `ModelFailed` for a model without a chat template.
        """
        if not self.settings["chat"]:
            raise ModelFailed("this model has no chat template: it continues text, give a prompt")
        said = json.dumps([{"role": m.role, "content": m.content} for m in messages])
        try:
            return str(
                self._tokenizer.apply_chat_template(
                    said, template_str=self.settings["chat"], add_generation_prompt=True
                )
            )
        except Exception as error:
            raise ModelFailed(f"chat template: {error}") from error

    def generate(self, prompt: str | Sequence[Message], options: Options | None = None) -> Text:
        """The text that follows, in this thread, piece by piece as it is iterated over.

        Raises `ModelFailed`: a prompt beyond the context, a guide that is none, a failed run.
        """
        options = options or Options()
        spelt = prompt if isinstance(prompt, str) else self.chat_prompt(prompt)
        ids = [int(i) for i in self._tokenizer.encode(spelt)]
        room = self.settings["context"] - len(ids)
        if not ids or room < 1:
            raise ModelFailed(
                f"the prompt has {len(ids)} tokens; from 1 to {self.settings['context'] - 1} fit"
            )
        limit = min(options.max_tokens, room)
        text = Text(iter(()), prompt_tokens=len(ids))
        generator = self._start(options, len(ids) + limit)
        text.pieces = self._pieces(text, generator, ids, options, limit)
        return text

    def tokens(self, prompt: Sequence[int], most: int) -> Iterator[int]:
        """Greedy tokens after a prompt of ids, ends of text among them: for measuring."""
        generator = self._start(Options(), len(prompt) + most)
        _read_prompt(generator, prompt)
        for _ in range(most):
            generator.generate_next_token()
            yield int(generator.get_next_tokens()[0])

    async def stream(
        self, prompt: str | Sequence[Message], options: Options | None = None
    ) -> AsyncIterator[str]:
        """Pieces of the text as they are made, without blocking the loop. Stop iterating (or cancel
        the task) and no further token is computed. Raises `ModelFailed`."""
        text = await self._call(lambda: self.generate(prompt, options))
        pieces = iter(text)
        while (piece := await self._call(lambda: next(pieces, None))) is not None:
            yield piece

    async def complete(
        self, prompt: str | Sequence[Message], options: Options | None = None
    ) -> str:
        """The whole text. Can be cancelled between any two tokens. Raises `ModelFailed`."""
        async with aclosing(self.stream(prompt, options)) as pieces:  # type: ignore[type-var]
            return "".join([piece async for piece in pieces])

    async def _call(self, work: Any) -> Any:
        return await (self._pool.call(work) if self._pool else asyncio.to_thread(work))

    def _start(self, options: Options, length: int) -> Any:
        guides = {
            "json_schema": json.dumps({**options.json_schema, "x-guidance": _COMPACT})
            if options.json_schema
            else None,
            "regex": options.regex,
            "lark_grammar": options.grammar,
        }
        search: dict[str, Any] = {
            "max_length": length,
            "do_sample": options.temperature > 0,
            "repetition_penalty": options.repetition_penalty,
        }
        if options.temperature > 0:
            search |= {
                "temperature": options.temperature, "top_k": options.top_k, "top_p": options.top_p,
            }  # fmt: skip
            if options.seed is not None:
                search["random_seed"] = options.seed
        try:
            parameters = genai.GeneratorParams(self._model)
            parameters.set_search_options(**search)
            for kind, guide in guides.items():
                if guide:
                    parameters.set_guidance(kind, guide)
            return genai.Generator(self._model, parameters)
        except Exception as error:
            raise ModelFailed(f"cannot generate so: {error}") from error

    def _pieces(
        self, text: Text, generator: Any, ids: Sequence[int], options: Options, limit: int
    ) -> Iterator[str]:
        decoder = self._tokenizer.create_stream()
        held = ""  # what may be the beginning of a stop sequence
        until = time.monotonic() + options.seconds
        try:
            _read_prompt(generator, ids)
            while not generator.is_done():
                generator.generate_next_token()
                token = int(generator.get_next_tokens()[0])
                if token in self._ends:
                    break
                text.tokens += 1
                held += decoder.decode(token)
                stopped, ready, held = split_at_stop(held, options.stop)
                if ready:
                    yield ready
                if stopped:
                    text.finish = "stop"
                    return
                if text.tokens >= limit or time.monotonic() > until:
                    text.finish = "tokens" if text.tokens >= limit else "time"
                    break
        except ModelFailed:
            raise
        except Exception as error:
            raise ModelFailed(f"generation failed: {error}") from error
        if held:
            yield held

    def _self_test(self, artefact: Artefact) -> None:
        for test in artefact.manifest.self_tests:
            expected = str(test.output["starts"])
            text = self.generate(str(test.input["prompt"]), Options(max_tokens=12))
            found = "".join(text)
            if not found.startswith(expected):
                raise ArtefactError(
                    artefact.folder, f"self-test failed: says {found[:60]!r}, not {expected!r}"
                )


def _read_prompt(generator: Any, ids: Sequence[int]) -> None:
    """In parts: what a layer computes of a long prompt at once is several times its cache."""
    for start in range(0, len(ids), PROMPT_PART):
        generator.append_tokens(list(ids[start : start + PROMPT_PART]))


def _load(artefact: Artefact, threads: int) -> Any:
    """Only the keys that name tensors and sizes are taken from `genai_config.json`: it may not
    choose providers or files of its own."""
    try:
        said = json.loads(artefact.file("genai_config.json").read_text("utf-8"))
        file = said["model"]["decoder"]["filename"]
        if file not in artefact.manifest.files:
            raise ArtefactError(artefact.folder, f"genai_config.json names {file}, not of ours")
        artefact.graph(file)
        config = genai.Config(str(artefact.folder))
        config.clear_providers()
        sessions = {
            "intra_op_num_threads": threads, "inter_op_num_threads": 1,
            "enable_cpu_mem_arena": True, "session.intra_op.allow_spinning": "0",
            EXACT_PRODUCTS: "1",
        }  # fmt: skip
        config.overlay(json.dumps({"model": {"decoder": {"session_options": sessions}}}))
        return genai.Model(config)
    except ArtefactError:
        raise
    except Exception as error:
        raise ArtefactError(artefact.folder, f"cannot be loaded: {error}") from error


def split_at_stop(text: str, stops: Sequence[str]) -> tuple[bool, str, str]:
    """Whether a stop sequence is in `text`; what may be said now; what has to wait, because it may
    be the beginning of one."""
    found = [place for stop in stops if stop and (place := text.find(stop)) >= 0]
    if found:
        return True, text[: min(found)], ""
    wait = 0
    for stop in stops:
        for length in range(min(len(stop) - 1, len(text)), wait, -1):
            if text.endswith(stop[:length]):
                wait = length
                break
    return False, text[: len(text) - wait], text[len(text) - wait :]
