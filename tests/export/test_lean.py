"""Graphs of BERT encoders that are built, not traced, beside the model in PyTorch."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    RobertaConfig,
    RobertaModel,
)

from export.lean import is_lean, labels, vectors
from export.tasks.embed import Pooled

CONFIG = BertConfig(  # type: ignore[call-arg]
    vocab_size=200, hidden_size=128, num_hidden_layers=3, num_attention_heads=4,
    intermediate_size=256, num_labels=5,
)  # fmt: skip
IDS = torch.tensor([[3, 8, 120, 77, 9, 4], [3, 61, 18, 4, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])


@pytest.fixture(scope="module")
def texts() -> list[torch.Tensor]:
    dice = torch.Generator().manual_seed(4)
    return [torch.randint(1, 200, (1, 12), generator=dice) for _ in range(30)]


def ran(graph: onnx.ModelProto) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    return np.asarray(
        session.run(None, {"input_ids": IDS.numpy(), "attention_mask": MASK.numpy()})[0]
    )


def alike(ours: NDArray[np.float32], theirs: Any) -> bool:
    wanted = theirs.detach().numpy()
    assert ours.shape == wanted.shape
    return bool(np.linalg.norm(ours - wanted) < 0.03 * np.linalg.norm(wanted))


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_vectors_are_those_of_the_encoder_padding_or_not(
    texts: list[torch.Tensor], pooling: str
) -> None:
    torch.manual_seed(1)
    encoder = BertModel(CONFIG).eval()  # type: ignore[no-untyped-call]
    assert alike(ran(vectors(encoder, texts, pooling)), Pooled(encoder, pooling)(IDS, MASK))


def test_labels_of_texts_are_those_of_the_classifier(texts: list[torch.Tensor]) -> None:
    torch.manual_seed(2)
    model = BertForSequenceClassification(CONFIG).eval()  # type: ignore[no-untyped-call]
    assert alike(ran(labels(model, texts, of_tokens=False)), model(IDS, MASK).logits)


def test_labels_of_tokens_are_those_of_the_tagger(texts: list[torch.Tensor]) -> None:
    torch.manual_seed(3)
    model = BertForTokenClassification(CONFIG).eval()  # type: ignore[no-untyped-call]
    kept = MASK.bool()
    ours, theirs = ran(labels(model, texts, of_tokens=True)), model(IDS, MASK).logits
    assert alike(ours[kept.numpy()], theirs[kept])


def test_another_family_takes_the_long_way() -> None:
    small = RobertaConfig(
        vocab_size=50, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64,
    )  # fmt: skip
    assert not is_lean(RobertaModel(small))
    assert is_lean(BertModel(CONFIG))
