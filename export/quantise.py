"""The choices of `--weights`, for the graphs of any task.

| choice | weights | computation | for |
|---|---|---|---|
| int8 | 8 bits, a scale a column | int8, activations scaled at run time | small CPUs |
| int8-blocks | 8 bits, a scale for 64 | int8, activations scaled by blocks | outliers |
| int8-static | 8 bits, a scale a column | int8, activations scaled by calibration | accelerators |
| int8-weights | 8 bits, a scale a column | float32 | small models that write |
| int4 | 4 bits, a scale for 32 | int8 by blocks | large models |
| fp16 | half precision | half precision | GPUs |
| fp32 | as they are | as they are | a reference |

Whatever is chosen, verification compares the result with PyTorch and refuses what lost too much.
"""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

from edge.sessions import Session
from export.block_int8 import quantise_blocks, quantise_tables
from export.errors import ExportFailed
from export.onnx_graph import quantise_int8, to_fp16
from export.stored_int8 import store_int8

Feeds = Mapping[str, NDArray[Any]]
Calibration = Callable[[], Iterable[Feeds]]
"""Inputs of a graph as it will meet them; asked only by what needs them."""

DETAIL: Mapping[str, str] = {
    "int8": "dynamic, per channel, MatMul and Gather; the rest stays float32",
    "int8-blocks": "weights and activations by blocks of 64, tables by rows; the rest float32",
    "int8-weights": "per channel, MatMul; tables by rows; computed with in float32",
    "int8-static": "calibrated, per channel, MatMul; tables by rows; the rest stays float32",
    "int4": "weights by blocks of 32, tables int8 by rows; the rest stays float32",
    "fp16": "weights and computation; inputs and outputs stay as they are",
    "fp32": "left as they are",
}
"""What is done to a graph by each choice."""


def quantise_graph(weights: str, source: Path, target: Path, calibration: Calibration) -> None:
    """Write the fp32 graph `source` to `target` with these weights.

    Raises `ExportFailed` for an unknown choice, and for calibration without data.
    """
    if weights == "int8":
        quantise_int8(source, target)
    elif weights == "int8-blocks":
        quantise_blocks(source, target, bits=8, block=64)
    elif weights == "int8-weights":
        store_int8(source, target)
    elif weights == "int4":
        quantise_blocks(source, target, bits=4, block=32)
    elif weights == "int8-static":
        _quantise_static(source, target, calibration)
    elif weights == "fp16":
        to_fp16(source, target)
    elif weights == "fp32":
        shutil.copy(source, target)
    else:
        raise ExportFailed(f"unknown weights {weights!r}; known are {', '.join(DETAIL)}")


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, feeds: Iterator[Feeds]) -> None:
        self._feeds = feeds

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        """The next inputs, None at the end."""
        found = next(self._feeds, None)
        return None if found is None else dict(found)


def _quantise_static(source: Path, target: Path, calibration: Calibration) -> None:
    feeds = list(calibration())
    if not feeds:
        raise ExportFailed("int8-static needs data to calibrate with: --calibration FILE")
    logging.getLogger().setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantize_static(
            str(source), str(target), _Reader(iter(feeds)), quant_format=QuantFormat.QDQ,
            per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul"], extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip
    model = onnx.load(str(target))
    quantise_tables(model)
    onnx.save(model, str(target))


class Recorder:
    """A session that keeps the inputs of every run: calibration data of a graph that others feed,
    such as a decoder, whose inputs are what it said before."""

    def __init__(self, graph: Path) -> None:
        self._session = Session(graph)
        self.feeds: list[Feeds] = []

    def run(self, feeds: Feeds) -> dict[str, NDArray[Any]]:
        """As the session's."""
        self.feeds.append(dict(feeds))
        return self._session.run(feeds)
