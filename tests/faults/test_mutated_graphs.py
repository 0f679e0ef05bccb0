"""What `check_graph` lets through is what ONNX's own parser finds to be allowed: mutated graphs, judged
by both. `make faults` tries more of them (HEARTHD_MUTATIONS)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from edge.errors import ArtefactError
from edge.graph import DEPTH, check_graph
from edge.operators import ALLOWED
from tests.faults.test_mutations import COUNT, SEED
from tests.graphs import small_model
from tests.hostile_graphs import DOUBLE, HOSTILE, in_a_branch, kept_elsewhere

LISTED = ("model.onnx.data",)
BYTES = 2_000
"""Of a seed: of 20,001 nodes each mutation would take a second."""
NAMES = ("Add", "Loop", "Scan", "EPContext", "If", "", "ai.onnx", "com.microsoft", "evil", "location",
         "model.onnx.data", "/etc/passwd", "*/_ORT_MEM_ADDR_/*", "Addition", "offset")  # fmt: skip


def varint(number: int, chance: random.Random) -> bytes:
    """As people do not write it: sometimes longer than needed."""
    parts = [number >> shift & 0x7F for shift in range(0, max(7, number.bit_length()), 7)]
    parts += [0] * chance.choice((0, 0, 1, 3))
    return bytes(part | 0x80 for part in parts[:-1]) + bytes(parts[-1:])


def in_a_field(number: int, content: bytes, chance: random.Random) -> bytes:
    return varint(number << 3 | 2, chance) + varint(len(content), chance) + content


def renamed(raw: bytes, chance: random.Random) -> bytes:
    """One text is another one."""
    model = onnx.load_model_from_string(raw)
    graph, _ = chance.choice(list(graphs_in(model.graph)))
    node = chance.choice(graph.node) if graph.node else None
    entries = [entry for tensor in tensors_in(graph) for entry in tensor.external_data]
    kind, name = chance.randrange(4), chance.choice(NAMES)
    if kind == 0 and node is not None:
        node.op_type = name
    elif kind == 1 and node is not None:
        node.domain = name
    elif kind == 2 and entries:
        chance.choice(entries).key = name
    elif entries:
        chance.choice(entries).value = name
    return bytes(model.SerializeToString())


def mutated(seeds: list[bytes], chance: random.Random) -> bytes:
    """Two models in one, as Protocol Buffers merge them; fields nobody knows; numbers longer than
    needed; other names; flipped bits."""
    raw = chance.choice(seeds)
    if chance.random() < 0.6:
        raw = renamed(raw, chance)
    if chance.random() < 0.3:
        model = onnx.load_model_from_string(raw)
        graph = model.graph.SerializeToString()
        model.ClearField("graph")
        cut = chance.choice((0, len(graph)))
        raw = bytes(model.SerializeToString())
        raw += in_a_field(7, graph[:cut], chance) + in_a_field(7, graph[cut:], chance)
    if chance.random() < 0.3:
        raw += chance.choice(seeds)
    if chance.random() < 0.3:
        raw = in_a_field(chance.randint(30, 1 << 20), chance.randbytes(9), chance) + raw
    if chance.random() < 0.3:
        place = chance.randrange(len(raw))
        raw = raw[:place] + bytes([raw[place] ^ 1 << chance.randrange(8)]) + raw[place + 1 :]
    return raw


def graphs_in(graph: onnx.GraphProto, depth: int = 1) -> Iterator[tuple[onnx.GraphProto, int]]:
    """A graph and those within."""
    yield graph, depth
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                yield from graphs_in(inner, depth + 1)


def tensors_in(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """Weights and constants, without those of graphs within."""
    sparse = [*graph.sparse_initializer]
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            sparse += [attribute.sparse_tensor, *attribute.sparse_tensors]
    for tensor in sparse:
        yield from (tensor.values, tensor.indices)


def wrong_with(model: onnx.ModelProto) -> str | None:
    """Why the graph must not be run, as the real parser has it."""
    if model.functions:
        return "functions"
    for graph, depth in graphs_in(model.graph):
        if depth > DEPTH:
            return "deep"
        for node in graph.node:
            domain = "" if node.domain == "ai.onnx" else node.domain
            if node.op_type not in ALLOWED.get(domain, ()):
                return f"{domain}.{node.op_type}"
        for tensor in tensors_in(graph):
            for entry in tensor.external_data:
                if entry.key == "location" and entry.value not in LISTED:
                    return str(entry.value)
    return None


def test_what_is_let_through_is_allowed(tmp_path: Path) -> None:
    good = [small_model(DOUBLE), in_a_branch(DOUBLE), kept_elsewhere(LISTED[0])]
    made = [*good * 4, *(make() for make, _ in HOSTILE.values())]
    seeds = [raw for model in made if len(raw := model.SerializeToString()) <= BYTES]
    path = tmp_path / "model.onnx"
    through = 0
    chance = random.Random(SEED)
    for number in range(COUNT // 3):
        raw = mutated(seeds, chance)
        path.write_bytes(raw)
        try:
            check_graph(path, LISTED)
        except ArtefactError as error:
            assert error.reason
            continue
        try:
            model = onnx.load_model_from_string(raw)
        except DecodeError:
            continue  # then onnxruntime cannot read it either
        through += 1
        assert wrong_with(model) is None, f"seed {SEED}, mutation {number}: {raw!r}"
    assert through > COUNT // 60, "nearly all were refused: this has tested nothing"


def test_what_is_refused_has_something_wrong(tmp_path: Path) -> None:
    """The judge of the test above sees it too, where it is a matter of operators and files."""
    seen = [name for name, (make, _) in HOSTILE.items() if wrong_with(make()) is not None]
    assert len(seen) >= 10, seen
