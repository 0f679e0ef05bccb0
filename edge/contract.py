"""Does a graph take and give what its manifest says? Checked before anything is fed to it."""

from __future__ import annotations

from collections.abc import Sequence

from edge.artefact import Artefact
from edge.errors import ArtefactError
from edge.manifest import TensorSpec
from edge.sessions import Session, SessionOptions, TensorInfo


def open_session(
    artefact: Artefact, file: str = "model.onnx", options: SessionOptions | None = None
) -> Session:
    """A session of one of the artefact's graphs. Raises `ArtefactError` where the graph's inputs
    and outputs are not those of the manifest."""
    session = Session(artefact.graph(file), options)
    manifest = artefact.manifest
    _compare(artefact, file, "input", manifest.inputs, session.input_tensors)
    _compare(artefact, file, "output", manifest.outputs, session.output_tensors)
    return session


def _compare(
    artefact: Artefact,
    file: str,
    kind: str,
    promised: Sequence[TensorSpec],
    found: Sequence[TensorInfo],
) -> None:
    expected = {spec.name: spec for spec in promised if spec.file == file}
    if set(expected) != {tensor.name for tensor in found}:
        raise ArtefactError(
            artefact.folder,
            f"{file}: {kind}s are {', '.join(sorted(t.name for t in found))}; "
            f"the manifest says {', '.join(sorted(expected)) or 'none'}",
        )
    for tensor in found:
        spec = expected[tensor.name]
        if tensor.dtype != spec.dtype or not _fits(tensor.shape, spec.shape):
            raise ArtefactError(
                artefact.folder,
                f"{file}: {kind} {tensor.name} is {tensor.dtype}{list(tensor.shape)}; "
                f"the manifest says {spec.dtype}{spec.shape}",
            )


def _fits(found: Sequence[int | str | None], promised: Sequence[int | str]) -> bool:
    if len(found) != len(promised):
        return False
    return all(
        have == want if isinstance(have, int) and isinstance(want, int) else True
        for have, want in zip(found, promised, strict=True)
    )
