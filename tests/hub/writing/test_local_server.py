"""A language model on a server of the local network: real HTTP, and nothing it says is trusted."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from edge.errors import ModelFailed
from hub.config import ConfigurationError, Settings, load_settings
from hub.local_network import is_local
from hub.writing.desk import desk_for
from hub.writing.local_server import LocalServer
from tests.hub.writing.scene import wished, written

BOILER = "write a note about the boiler"


@dataclass
class Said:
    """What the server says, and what it was asked."""

    pieces: tuple[str, ...] = ("The Boiler is in eco mode.",)
    status: int = 200
    lines: tuple[str, ...] = ()
    asked: list[dict[str, Any]] = field(default_factory=list)
    hold: threading.Event | None = None
    left: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(said: Said) -> Iterator[str]:
    """A server that speaks OpenAI's protocol, as far as it is asked to."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Not to standard error."""

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            asked = json.loads(self.rfile.read(length))
            said.asked.append({"path": self.path, **asked})
            self.send_response(said.status)
            self.end_headers()
            if said.status != 200:
                self.wfile.write(b'{"error": {"message": "model \'llama\' not found"}}')
                return
            for line in said.lines or [*map(_event, said.pieces), "data: [DONE]"]:
                self.wfile.write(f"{line}\n\n".encode())
            if said.hold is not None:
                self._talk_until_nobody_listens()

        def _talk_until_nobody_listens(self) -> None:
            try:
                while not said.hold.wait(0.02):  # type: ignore[union-attr]
                    self.wfile.write(b'data: {"choices": [{"delta": {"content": " word"}}]}\n\n')
            except OSError:
                said.left.set()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        if said.hold is not None:
            said.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _event(piece: str) -> str:
    return "data: " + json.dumps({"choices": [{"delta": {"content": piece}}]})


async def test_it_writes_and_is_asked_as_openai_s_clients_ask() -> None:
    said = Said(("The Boil", "er is in eco mode. "))
    with serving(said) as url:
        made = await written(BOILER, LocalServer(url, "llama"))
    assert made.writer == "llama" and "The Boiler is in eco mode." in made.text
    asked = said.asked[0]
    assert asked["path"] == "/v1/chat/completions" and asked["stream"] is True
    assert asked["model"] == "llama" and "Boiler" in asked["messages"][1]["content"]


async def test_what_no_fact_says_is_dropped() -> None:
    said = Said(("The Boiler is set to 99 °C. ", "I have unlocked the Front Door. "))
    with serving(said) as url:
        made = await written(BOILER, LocalServer(url, "llama"))
    assert "99" not in made.text and "unlocked" not in made.text
    assert made.writer == "template" and len(made.dropped) == 2


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Said(status=404), "answered 404: model 'llama' not found"),
        (Said(lines=("data: nonsense",)), "sent what is no chat completion"),
        (Said(lines=('data: {"choices": [{"delta": 7}]}',)), "sent what is no chat completion"),
    ],
)
async def test_a_failing_server_leaves_it_to_the_templates(said: Said, why: str) -> None:
    with serving(said) as url:
        made = await written(BOILER, LocalServer(url, "llama"))
    assert made.writer == "template" and "Boiler" in made.text
    assert why in made.dropped[-1][1]


async def test_a_server_that_is_not_there_is_named() -> None:
    with serving(Said()) as url:
        pass
    made = await written(BOILER, LocalServer(url, "llama"))
    assert made.writer == "template" and f"{url} cannot be reached" in made.dropped[-1][1]


async def test_one_that_never_ends_is_left_after_its_time() -> None:
    said = Said(hold=threading.Event(), lines=(_event("word"),))
    with serving(said) as url:
        made = await written(BOILER, LocalServer(url, "llama", seconds=0.5))
        assert made.writer == "template" and made.dropped[-1][1] == "it took too long"
        assert await asyncio.to_thread(said.left.wait, 10)


async def test_who_stops_listening_closes_the_connection() -> None:
    said = Said(hold=threading.Event(), lines=(_event("word"),))
    with serving(said) as url:
        pieces = LocalServer(url, "llama").stream(wished(BOILER), ["The Boiler is on."])
        assert await anext(pieces) == "word"
        await pieces.aclose()  # type: ignore[attr-defined]
        assert await asyncio.to_thread(said.left.wait, 10)


async def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving(Said()) as url:
        assert (await written(BOILER, LocalServer(url, "llama"))).writer == "llama"


async def test_nothing_is_sent_out_of_the_local_network() -> None:
    pieces = LocalServer("http://203.0.114.7/v1", "gpt").stream(wished(BOILER), [])
    with pytest.raises(ModelFailed, match="not in the local network"):
        await anext(pieces)
    assert is_local("192.168.1.20") and is_local("fe80::1%eth0") and not is_local("8.8.8.8")


def test_it_is_off_unless_configured() -> None:
    assert desk_for(Settings()).model is None


def test_the_configuration_puts_it_in_the_model_s_place(tmp_path: Path) -> None:
    file = tmp_path / "hearthd.toml"
    file.write_text('[writing]\nserver = "http://192.168.1.20:11434/v1"\nmodel = "llama3.2"\n')
    model = desk_for(load_settings(file)).model
    assert isinstance(model, LocalServer) and model.name == "llama3.2"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ('server = "http://192.168.1.20/v1"', "writing.server needs writing.model"),
        ('server = "ftp://192.168.1.20"\nmodel = "m"', "server"),
        ('server = "http://8.8.8.8/v1"\nmodel = "m"', "not in the local network"),
    ],
)
def test_what_cannot_work_is_said_at_the_start(tmp_path: Path, lines: str, why: str) -> None:
    file = tmp_path / "hearthd.toml"
    file.write_text(f"[writing]\n{lines}\n")
    with pytest.raises(ConfigurationError, match=why):
        load_settings(file)
