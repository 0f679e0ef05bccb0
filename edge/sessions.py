"""ONNX Runtime sessions that never block the event loop.

One session per model is shared by everybody (`run` releases the GIL and is thread-safe); a small
pool of threads of its own bounds how many run at once. A process without a loop never loads
asyncio, which takes 3 MB with the TLS that it brings. One intra-op thread and no spinning: small
models gain nothing from more, and spinning threads fight over the two or four cores of a Pi.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.errors import ArtefactError, ModelFailed

PREFERRED_PROVIDERS: tuple[str, ...] = (
    "TensorrtExecutionProvider",
    "CUDAExecutionProvider",
    "CPUExecutionProvider",
)

EXACT_PRODUCTS = "session.x64quantprecision"
"""Set to "1", products of int8 weights are exact on x86-64 processors without VNNI too: their
instruction for bytes of mixed sign (VPMADDUBSW) adds two products in 16 bits, and what does not fit
is lost. With outliers among the activations that makes 18% of a product wrong instead of 2%; what
replaces it takes some 15% longer there. With VNNI the products are exact without it, and it would
take half as long again."""

_CPU_INFO = Path("/proc/cpuinfo")

SLOWER_ON_CPU = ("SkipLayerNormFusion",)
"""Graph rewrites that cost time there: onnxruntime 1.32 normalises the fused sum one by one,
and an encoder of six layers takes 14% longer for it."""
SMALL_BYTES = 64 << 20
"""A model above this keeps them: there the memory that a fused sum saves is what counts."""

T = TypeVar("T")

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How to run a model. `providers` in order of preference; those the machine lacks are passed
    over, and `Session.provider` tells which one it became."""

    providers: Sequence[str] = PREFERRED_PROVIDERS
    intra_op_threads: int = 1


def exact_products() -> tuple[str, str]:
    """The setting with which products of bytes lose nothing on this processor."""
    return EXACT_PRODUCTS, "0" if multiplies_bytes() else "1"


@cache
def multiplies_bytes(info: Path = _CPU_INFO) -> bool:
    """Whether the processor has an instruction for products of bytes (VNNI, in either of its two
    encodings); where nothing tells, it has not."""
    try:
        flags = info.read_text("utf-8").partition("flags")[2].partition("\n")[0].split()
    except OSError:
        return False
    return not {"avx512_vnni", "avx_vnni"}.isdisjoint(flags)


def available_providers(wanted: Sequence[str]) -> list[str]:
    """The wanted execution providers that this machine has, always ending in the CPU's."""
    import onnxruntime  # noqa: PLC0415

    present = set(onnxruntime.get_available_providers())
    chosen = [name for name in wanted if name in present]
    if "CPUExecutionProvider" not in chosen:
        chosen.append("CPUExecutionProvider")
    return chosen


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """An input or output as the graph declares it; a varying dimension is a name or None."""

    name: str
    dtype: str
    shape: tuple[int | str | None, ...]


_DTYPES = {"float": "float32", "double": "float64"}


def _described(tensor: Any) -> TensorInfo:
    kind = str(tensor.type).removeprefix("tensor(").removesuffix(")")
    return TensorInfo(tensor.name, _DTYPES.get(kind, kind), tuple(tensor.shape))


def return_large_blocks() -> None:
    """From now on a freed block of half a megabyte goes back to the system at once. glibc otherwise
    raises that bound to the largest block it has seen, and one long text leaves some 16 MB behind
    (mallopt(3), M_MMAP_THRESHOLD). Without effect under other C libraries."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGE_BLOCK)
        mallopt(_TRIM_THRESHOLD, 2 * LARGE_BLOCK)


LARGE_BLOCK = 512 << 10
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3


def give_back_memory() -> None:
    """What loading took and no longer needs goes back to the system (glibc keeps 5-10 MB)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


class Session:
    """A loaded model."""

    def __init__(self, model: Path, options: SessionOptions | None = None) -> None:
        import onnxruntime  # noqa: PLC0415

        options = options or SessionOptions()
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.intra_op_threads
        settings.inter_op_num_threads = 1
        settings.enable_cpu_mem_arena = False
        settings.log_severity_level = 3
        settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
        settings.add_session_config_entry(*exact_products())
        providers = available_providers(options.providers)
        small = model.stat().st_size <= SMALL_BYTES if model.is_file() else False
        unfused = small and providers == ["CPUExecutionProvider"]
        try:
            self._session = onnxruntime.InferenceSession(
                str(model),
                settings,
                providers=providers,
                disabled_optimizers=SLOWER_ON_CPU if unfused else (),
            )
        except Exception as error:  # onnxruntime raises a dozen types of its own
            raise ArtefactError(model, f"ONNX Runtime cannot load it: {error}") from error
        give_back_memory()
        self.input_tensors = [_described(t) for t in self._session.get_inputs()]
        self.output_tensors = [_described(t) for t in self._session.get_outputs()]
        self.inputs = [tensor.name for tensor in self.input_tensors]
        self.outputs = [tensor.name for tensor in self.output_tensors]

    @property
    def provider(self) -> str:
        """The execution provider in use, e.g. `CPUExecutionProvider`."""
        return str(self._session.get_providers()[0])

    def run(self, feeds: Arrays) -> dict[str, NDArray[np.float32]]:
        """Run once, in this thread. Raises `ModelFailed`."""
        try:
            values = self._session.run(self.outputs, dict(feeds))
        except Exception as error:
            raise ModelFailed(f"inference failed: {error}") from error
        return dict(zip(self.outputs, values, strict=True))


class SessionPool:
    """The threads that models run in. Use as `async with SessionPool(threads=1) as pool`."""

    def __init__(self, threads: int = 1) -> None:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="inference")

    async def __aenter__(self) -> SessionPool:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def run(self, session: Session, feeds: Arrays) -> dict[str, NDArray[np.float32]]:
        """Run a session without blocking the loop. Raises `ModelFailed`."""
        return await self.call(lambda: session.run(feeds))

    async def call(self, work: Callable[[], T]) -> T:
        """Do any piece of work in the pool's threads: decoding loops, feature extraction."""
        import asyncio  # noqa: PLC0415

        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Stop the threads; what is running finishes first."""
        self._threads.shutdown(wait=True, cancel_futures=True)
