"""A language model on another machine of the house: Ollama, llama.cpp, or what else speaks OpenAI's
chat completions. Off unless the configuration names one.

What it writes is checked as every model's is. Nothing is sent to an address outside of the local
network, whatever the name of the server resolves to, and no proxy is used.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from edge.errors import ModelFailed
from hub.local_network import is_local
from hub.writing.generation import AT_ONCE, TOKENS, chat_for
from hub.writing.wish import Wish

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 5.0
_MOST_CHARACTERS = 20_000
"""Of one text; a server that does not stop is left."""
_MOST_OF_AN_ERROR = 300


@dataclass(slots=True)
class LocalServer:
    """A `ModelWriter`. `url` is the API's root, e.g. `http://192.168.1.20:11434/v1`; `name` is the
    model as the server calls it."""

    url: str
    name: str
    seconds: float = 60.0
    _running: int = field(default=0, init=False)

    async def stream(self, wish: Wish, facts: Sequence[str]) -> AsyncIterator[str]:
        """The pieces of a text as they come; the connection is closed when nobody listens any more.
        Raises `ModelFailed`, also when `AT_ONCE` texts are in the making, and `TimeoutError`."""
        if self._running >= AT_ONCE:
            raise ModelFailed(f"{AT_ONCE} texts are being written already")
        try:
            import httpx  # noqa: PLC0415 (only where a server is configured)
        except ModuleNotFoundError as error:
            raise ModelFailed(
                "writing.server needs httpx: pip install 'hearthd[server]'"
            ) from error
        order = {
            "model": self.name, "messages": chat_for(wish, facts), "stream": True,
            "max_tokens": TOKENS[wish.length], "temperature": 0,
        }  # fmt: skip
        self._running += 1
        try:
            async with asyncio.timeout(self.seconds):
                await self._require_local()
                async for piece in self._pieces(order):
                    yield piece
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            raise ModelFailed(f"{self.url} cannot be reached ({why})") from error
        finally:
            self._running -= 1

    async def close(self) -> None:
        """Nothing is held between texts."""

    async def _require_local(self) -> None:
        parts = urlsplit(self.url)
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise ModelFailed(f"{self.url} cannot be reached ({error.strerror})") from error
        if outside := [str(host) for *_, (host, *_) in found if not is_local(str(host))]:
            raise ModelFailed(f"{self.url} is at {outside[0]}, which is not in the local network")

    async def _pieces(self, order: dict[str, Any]) -> AsyncIterator[str]:
        import httpx  # noqa: PLC0415

        said, limits = 0, httpx.Timeout(None, connect=CONNECT_SECONDS)
        async with (
            httpx.AsyncClient(timeout=limits, trust_env=False) as client,
            client.stream("POST", f"{self.url.rstrip('/')}/chat/completions", json=order) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ModelFailed(f"{self.url} answered {answer.status_code}{await _why(answer)}")
            async for line in answer.aiter_lines():
                if not line.startswith("data:"):
                    continue
                if (content := line.removeprefix("data:").strip()) == "[DONE]":
                    return
                piece = self._piece(content)
                said += len(piece)
                if said > _MOST_CHARACTERS:
                    return
                yield piece

    def _piece(self, content: str) -> str:
        """The new characters in one event."""
        try:
            choices = json.loads(content)["choices"]
            piece = choices[0]["delta"].get("content") if choices else ""
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise ModelFailed(f"{self.url} sent what is no chat completion") from error
        return piece if isinstance(piece, str) else ""


async def _why(answer: httpx.Response) -> str:
    """The server's own words, as far as a person can use them."""
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > _MOST_OF_AN_ERROR * 10:
            break
    try:
        error = json.loads(bytes(body))["error"]
        text = str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, LookupError, TypeError):
        return ""
    return f": {text[:_MOST_OF_AN_ERROR]}"
