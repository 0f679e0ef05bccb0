"""`manifest.json`: everything that an artefact says of itself, and nothing more.

The schema is published as docs/reference/manifest.schema.json. `schema_version` rises only when a
manifest that was valid would be read differently; new optional keys do not raise it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

FILE_LIMIT = 1 << 30
"""Bytes of one file."""

Task = Literal[
    "understand",
    "classify",
    "tag",
    "embed",
    "generate",
    "translate",
    "transcribe",
    "speak",
    "vad",
    "wake",
]

SafeName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FileEntry(_Strict):
    """What a file must be."""

    sha256: Sha256
    bytes: Annotated[int, Field(ge=0, le=FILE_LIMIT)]


class TensorSpec(_Strict):
    """One input or output of one graph: a dimension is a number, or a name where it varies."""

    name: str
    dtype: Literal["int64", "int32", "int8", "uint8", "float32", "float16", "bool", "string"]
    shape: list[int | str]
    file: SafeName = "model.onnx"


class Golden(_Strict):
    """A known sentence and what an understanding model must say of it."""

    text: str
    input_ids: list[int]
    intent: int
    for_us: float


class SelfTest(_Strict):
    """A known input of the task and what must come out; the task's module says what the keys mean.

    Numbers may differ by `tolerance` (for vectors: one minus the cosine)."""

    input: dict[str, JsonValue]
    output: dict[str, JsonValue]
    tolerance: Annotated[float, Field(ge=0)] = 0.0


class Check(_Strict):
    """One comparison with the checkpoint: `value` must be at most, or at least, `limit`."""

    name: str
    value: float
    limit: float
    kind: Literal["at most", "at least"]
    samples: Annotated[int, Field(ge=0)] = 0

    @property
    def passed(self) -> bool:
        """Whether the value is within its limit."""
        return self.value <= self.limit if self.kind == "at most" else self.value >= self.limit


class StepRecord(_Strict):
    """What one step of the export did."""

    step: str
    seconds: float
    did: dict[str, JsonValue]


class Provenance(_Strict):
    """Where it comes from, down to data and seed. `source` names the checkpoint for people,
    `source_sha256` its files."""

    base_model: str
    data: list[str]
    recipe: str
    seed: int | None = None
    steps: int | None = None
    source: str | None = None
    source_sha256: dict[str, Sha256] = {}
    tools: dict[str, str] = {}


class Manifest(_Strict):
    """`manifest.json`. Unknown keys are refused: an artefact has no say in anything else."""

    schema_version: Literal[1]
    name: SafeName
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    task: Task
    languages: list[str]
    licence: str
    files: dict[SafeName, FileEntry]
    inputs: list[TensorSpec]
    outputs: list[TensorSpec]
    providers_tested: list[str]
    tokenizer: SafeName | None = None
    labels: dict[str, list[str]] = {}
    task_settings: dict[str, Any] = {}
    provenance: Provenance
    golden: list[Golden] = []
    self_tests: list[SelfTest] = []
    checks: list[Check] = []
    unverified: str | None = Field(
        default=None, description="Why the comparison with the checkpoint was left out, if it was."
    )
    pipeline: list[StepRecord] = []
    metrics: dict[str, float | int | str] = {}
    target: str | None = None
    expires: AwareDatetime | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        named = {spec.file for spec in (*self.inputs, *self.outputs)}
        named |= {self.tokenizer} if self.tokenizer else set()
        if missing := sorted(named - set(self.files)):
            raise ValueError(f"names files that it does not list: {', '.join(missing)}")
        if not (self.golden or self.self_tests):
            raise ValueError("has no golden inputs and outputs to test itself with")
        failed = [check.name for check in self.checks if not check.passed]
        if failed:
            raise ValueError(f"was packaged although a check had failed: {', '.join(failed)}")
        if self.task != "understand" and not self.checks and not self.unverified:
            raise ValueError("has neither checks nor a reason for `unverified`")
        return self


def manifest_schema() -> Mapping[str, Any]:
    """The JSON Schema of `manifest.json`."""
    schema = Manifest.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
