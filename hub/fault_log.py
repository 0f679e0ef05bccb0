"""What goes wrong inside, as one JSON line on standard error: where, and under which trace.

The exception's message stays out of it: it may repeat what a person said.
"""

from __future__ import annotations

import json
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from edge.errors import EdgeError


def report(error: BaseException, trace: str | None = None) -> None:
    """Write down a mistake of ours that was survived."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-6:]]
    write("internal_error", type=type(error).__name__, where=where, trace=trace)


def report_model(error: EdgeError) -> None:
    """Write down that a model was given up; its reasons name files, tensors and limits."""
    write("model_failed", reason=str(error))


def write(event: str, **content: Any) -> None:
    """One line of the log."""
    line = {"time": datetime.now(UTC).isoformat(), "event": event, **content}
    print(json.dumps(line), file=sys.stderr, flush=True)
