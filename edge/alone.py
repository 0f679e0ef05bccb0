"""One process at a time changes a folder of artefacts, and none waits for ever for its turn: a hub
must start although somebody stopped `hearthd models add` in the middle."""

from __future__ import annotations

import errno
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import ArtefactError

WAIT_SECONDS = 3.0
"""For another process: a hub that starts has no more time. Who copies a gigabyte to a card may take
longer; then the others say so."""
_PAUSE = 0.05


@contextmanager
def alone(root: Path, seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold `root`, which is made if need be. Raises `ArtefactError` if somebody else goes on
    holding it."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        until = time.monotonic() + seconds
        while not _held(lock.fileno()):
            if time.monotonic() >= until:
                raise ArtefactError(
                    root,
                    f"has been in use by another process for {seconds:g} s: is a "
                    "`hearthd models` command still running, or stopped?",
                )
            time.sleep(_PAUSE)
        yield


def _held(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EINTR):
            raise
        return False
    return True
