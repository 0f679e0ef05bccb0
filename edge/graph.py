"""Is a file an ONNX graph that we would run? Asked before ONNX Runtime sees it.

A graph that loads may loop for ever, read any file (external data) or any memory (the location
`*/_ORT_MEM_ADDR_/*`). So the parts that say what a graph is made of are read here from the bytes:
weights are passed over, nothing is built, and all work is bounded. Numbers are those of the fields
in onnx.proto.
"""

from __future__ import annotations

import mmap
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from edge.errors import ArtefactError
from edge.operators import ALLOWED, OPSETS, UNUSED_DOMAINS
from edge.protobuf import Buffer, Malformed, Part, fields

NODES = 20_000
"""Of a graph and those within it; a voice has 2,800, a language model 600."""
TENSORS = 20_000
"""Weights and constants; a voice has 1,600."""
DEPTH = 8
"""Of graphs within graphs."""
PARTS = 1_000_000
"""That are looked at, which takes a second or two; a voice has 60,000."""
NAME_BYTES = 512


class _Refused(ValueError):
    """With the reason, for people."""


@dataclass(slots=True)
class _Look:
    """A file as it is gone through. `listed`: names of files that may hold its weights."""

    raw: Buffer
    listed: Collection[str]
    parts: int = 0
    nodes: int = 0
    tensors: int = 0
    graphs: int = 0
    opsets: dict[str, int] = field(default_factory=dict)
    domains: set[str] = field(default_factory=set)

    def within(self, part: Part) -> Iterator[Part]:
        """The fields of a message that is a field, counted."""
        for found in fields(self.raw, part.start, part.end):
            self.parts += 1
            if self.parts > PARTS:
                raise _Refused(f"it has more than {PARTS} parts")
            yield found

    def text(self, part: Part) -> str:
        """A name. Raises `_Refused` for one that is none."""
        if part.end - part.start > NAME_BYTES:
            raise _Refused(f"a name in it is longer than {NAME_BYTES} bytes")
        try:
            return bytes(self.raw[part.start : part.end]).decode("utf-8")
        except UnicodeDecodeError as error:
            raise _Refused("a name in it is no text") from error


def check_graph(path: Path, listed: Collection[str] = ()) -> None:
    """Raises `ArtefactError` for a file that is no ONNX graph, that has operators, domains or
    sizes which are not allowed, or functions of its own, or whose weights are in a file that is
    not `listed`."""
    try:
        if path.stat().st_size == 0:
            raise _Refused("it is empty")
        with (
            path.open("rb") as stream,
            mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as raw,
        ):
            _model(_Look(raw, listed), len(raw))
    except (_Refused, Malformed) as error:
        raise ArtefactError(path, f"is a graph that is not run: {error}") from error
    except OSError as error:
        raise ArtefactError(path, f"cannot be read: {error.strerror}") from error


def _model(look: _Look, size: int) -> None:
    for part in look.within(Part(0, 0, size)):
        if not part.is_message:
            continue
        if part.number == 7:
            _graph(look, part, 1)
        elif part.number == 8:
            _opset(look, part)
        elif part.number == 25:
            raise _Refused("it defines functions of its own; export it with them inlined")
    if not look.graphs:
        raise _Refused("there is no graph in it")
    for domain in sorted(look.domains | set(look.opsets)):
        _check_version(look, domain)


def _check_version(look: _Look, domain: str) -> None:
    if domain in UNUSED_DOMAINS:
        return  # declared: every node's own domain has been checked
    if domain not in OPSETS:
        raise _Refused(f"it needs the operators of {domain!r}")
    low, high = OPSETS[domain]
    version = look.opsets.get(domain)
    if version is None or not low <= version <= high:
        have = "does not say which" if version is None else f"is for opset {version}"
        raise _Refused(f"it {have} of {domain or 'ai.onnx'}; {low} to {high} can be run")


def _opset(look: _Look, part: Part) -> None:
    domain, version = "", 0
    for found in look.within(part):
        if found.number == 1 and found.is_message:
            domain = _canonical(look.text(found))
        elif found.number == 2 and not found.is_message:
            version = found.value
    look.opsets[domain] = max(version, look.opsets.get(domain, 0))


def _graph(look: _Look, part: Part, depth: int) -> None:
    if depth > DEPTH:
        raise _Refused(f"its graphs are more than {DEPTH} deep")
    look.graphs += 1
    for found in look.within(part):
        if not found.is_message:
            continue
        if found.number == 1:
            _node(look, found, depth)
        elif found.number == 5:
            _tensor(look, found)
        elif found.number == 15:
            _sparse(look, found)


def _node(look: _Look, part: Part, depth: int) -> None:
    look.nodes += 1
    if look.nodes > NODES:
        raise _Refused(f"it has more than {NODES} nodes")
    operator, domain = "", ""
    for found in look.within(part):
        if not found.is_message:
            continue
        if found.number == 4:
            operator = look.text(found)
        elif found.number == 7:
            domain = _canonical(look.text(found))
        elif found.number == 5:
            _attribute(look, found, depth)
    if operator not in ALLOWED.get(domain, ()):
        of = f" of {domain!r}" if domain else ""
        raise _Refused(f"the operator {operator!r}{of} is not allowed")
    look.domains.add(domain)


def _canonical(domain: str) -> str:
    return "" if domain == "ai.onnx" else domain


def _attribute(look: _Look, part: Part, depth: int) -> None:
    for found in look.within(part):
        if not found.is_message:
            continue
        if found.number in (6, 11):
            _graph(look, found, depth + 1)
        elif found.number in (5, 10):
            _tensor(look, found)
        elif found.number in (22, 23):
            _sparse(look, found)


def _sparse(look: _Look, part: Part) -> None:
    for found in look.within(part):
        if found.number in (1, 2) and found.is_message:
            _tensor(look, found)


def _tensor(look: _Look, part: Part) -> None:
    look.tensors += 1
    if look.tensors > TENSORS:
        raise _Refused(f"it has more than {TENSORS} tensors")
    elsewhere, places = False, []
    for found in look.within(part):
        if found.number == 14 and not found.is_message:
            elsewhere = found.value != 0
        elif found.number == 13 and found.is_message:
            places += _locations(look, found)
    if elsewhere and not places:
        raise _Refused("weights are in a file that it does not name")
    for place in places:
        if place not in look.listed:
            raise _Refused(f"weights are in {place!r}, which the manifest does not list")


def _locations(look: _Look, part: Part) -> list[str]:
    """The file that an entry of `external_data` names, if it is the entry for that."""
    key, value = "", ""
    for found in look.within(part):
        if found.is_message and found.number == 1:
            key = look.text(found)
        elif found.is_message and found.number == 2:
            value = look.text(found)
    return [value] if key == "location" else []
