"""PyTorch to ONNX, and ONNX to int8."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

OPSET = 23


def to_onnx(
    model: nn.Module, inputs: dict[str, Tensor], outputs: Sequence[str], path: Path
) -> None:
    """Export a token model, fp32, with dynamic batch and length in every input.

    `inputs` are int64 tensors of shape (batch, length), named as the graph's inputs will be.
    """
    batch = torch.export.Dim("batch", min=1, max=256)
    length = torch.export.Dim("length", min=2, max=512)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            # torch.export takes one tensor passed twice for one input: each gets its own
            tuple(value.clone() for value in inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=tuple({0: batch, 1: length} for _ in inputs),
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    onnx.checker.check_model(str(path), full_check=True)


def quantise_int8(source: Path, target: Path) -> None:
    """Dynamic int8: weights per channel, activations at run time. Only matrix products and
    embeddings: other operators lose accuracy and gain nothing."""
    logging.getLogger().setLevel(logging.ERROR)
    quantize_dynamic(
        str(source),
        str(target),
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gather"],
    )


def to_fp16(source: Path, target: Path) -> None:
    """Weights and computation in float16, inputs and outputs as they were; for GPUs."""
    from onnxruntime.transformers.float16 import (  # noqa: PLC0415  (slow to import)
        convert_float_to_float16,
    )

    model = convert_float_to_float16(onnx.load(str(source)), keep_io_types=True)
    onnx.save(model, str(target))
