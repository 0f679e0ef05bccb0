"""docs/security.md names the test that holds each promise: they must exist."""

import re
from pathlib import Path

from tests.faults.table import FAULTS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
PROMISES = TEXT.split("## Promises")[1].split("## Measured")[0]


def test_every_named_test_exists() -> None:
    folder = ""
    for named in re.findall(r"`((?:tests/\w+/)?test_\w+\.py)`", PROMISES):
        folder = str(Path(named).parent) if "/" in named else folder
        assert (ROOT / folder / Path(named).name).exists(), named


def test_every_named_fault_is_in_the_table() -> None:
    known = {fault.name for fault in FAULTS}
    named = set(re.findall(r'"([^"]+)"', PROMISES))
    assert named
    assert named <= known, named - known
