"""Int8 graphs of BERT encoders for the tasks of Hugging Face: vectors, labels of texts, labels of
tokens; see `export.bert_graph`. Other encoders take the long way, through `torch.onnx`.

Blocks cost a quarter more time than rows and keep the order of what is retrieved: docs/models.md
has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeGuard

import numpy as np
import onnx
from onnx import TensorProto
from torch import Tensor, nn
from transformers import BertModel

from export.bert_graph import EncoderGraph, Grain, balanced, spreads
from export.block_int8 import BLOCK

VECTORS = Grain(BLOCK // 2, BLOCK // 2, "float16")
"""For cosines, of which the third digit counts."""
LABELS = Grain(BLOCK, BLOCK)


def is_lean(encoder: nn.Module) -> TypeGuard[BertModel]:
    """Whether the encoder is one that such a graph can be built of."""
    return (
        isinstance(encoder, BertModel)
        and encoder.config.hidden_act == "gelu"
        and not encoder.config.is_decoder
        and getattr(encoder.config, "position_embedding_type", "absolute") == "absolute"
    )


def _encoder(encoder: BertModel, texts: Sequence[Tensor], grain: Grain) -> EncoderGraph:
    spread = spreads(encoder, [ids[0].tolist() for ids in texts])
    return EncoderGraph(encoder, balanced(encoder, spread), grain=grain)


def vectors(encoder: BertModel, texts: Sequence[Tensor], pooling: str) -> onnx.ModelProto:
    """Unit vectors, `vector` of shape (batch, H), by `pooling` "cls" or "mean"; `texts` are ids
    (1, L) that show the range."""
    graph = _encoder(encoder, texts, VECTORS)
    if pooling == "cls":
        pooled = _first(graph)
    else:
        mask = graph.node("Cast", ["attention_mask"], to=TensorProto.FLOAT)
        mask = graph.node("Unsqueeze", [mask, graph.constant(np.array([2], np.int64))])
        kept = graph.node("Mul", [graph.hidden, mask])
        along = graph.constant(np.array([1], np.int64))
        pooled = graph.node("ReduceSum", [kept, along], keepdims=0)  # its length does not matter
    graph.node("LpNormalization", [pooled], "vector", axis=-1, p=2)
    return graph.model("embed", {"vector": ("batch", encoder.config.hidden_size)})


def labels(model: Any, texts: Sequence[Tensor], of_tokens: bool) -> onnx.ModelProto:
    """Of `BertForTokenClassification` or `BertForSequenceClassification`: `logits`."""
    graph = _encoder(model.bert, texts, LABELS)
    state = graph.hidden
    shape: tuple[str | int, ...] = ("batch", "length", model.config.num_labels)
    if not of_tokens:
        dense = model.bert.pooler.dense
        state = graph.node("Tanh", [_product(graph, _first(graph), dense)])
        shape = ("batch", model.config.num_labels)
    graph.node("Identity", [_product(graph, state, model.classifier)], "logits")
    return graph.model("classify", {"logits": shape})


def _first(graph: EncoderGraph) -> str:
    """The state at the first token, (batch, H)."""
    first = graph.node("Gather", [graph.hidden, graph.constant(np.array([0], np.int64))], axis=1)
    return graph.node("Squeeze", [first, graph.constant(np.array([1], np.int64))])


def _product(graph: EncoderGraph, x: str, linear: nn.Linear) -> str:
    return graph.product(x, linear.weight.detach().numpy().T, linear.bias.detach().numpy())
