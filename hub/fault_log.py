"""What goes wrong inside, as one JSON line on standard error: where, and under which trace.

The exception's message stays out of it: it may repeat what a person said.
"""

from __future__ import annotations

import json
import sys
import traceback
from datetime import UTC, datetime


def report(error: BaseException, trace: str | None = None) -> None:
    """Write down a mistake of ours that was survived."""
    frames = traceback.extract_tb(error.__traceback__)
    line = {
        "time": datetime.now(UTC).isoformat(),
        "event": "internal_error",
        "type": type(error).__name__,
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-6:]],
        "trace": trace,
    }
    print(json.dumps(line), file=sys.stderr, flush=True)
