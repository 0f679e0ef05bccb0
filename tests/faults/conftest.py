"""After the faults: the table of what came of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.report import REPORT, as_table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not REPORT:
        return
    from tests.faults.test_promises import SEED

    table = as_table(REPORT)
    terminalreporter.write_line(f"\nfaults, seed {SEED}:\n{table}")
    if file := os.environ.get("HEARTHD_FAULT_REPORT"):
        Path(file).write_text(table + "\n", encoding="utf-8")
