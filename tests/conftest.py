"""Shared by all tests: a real mosquitto, the shared data, and the line that says what was left out."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.sessions import SessionPool
from edge.tasks.understand import UnderstandingModel, load_understanding
from hub.broker import demo_broker, free_port, mosquitto_path

SHARED = Path(__file__).parents[2] / "shared"
HOMES = Path(__file__).parents[1] / "configs" / "homes"

os.environ["HEARTHD_MODELS"] = "/nonexistent/models"  # not those of whoever runs the tests

_left_out: list[str] = []


@pytest.fixture(scope="session")
def data() -> Path:
    """The development and fault data, which lies beside the repository."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("no shared data beside the repository")
    return folder


@pytest.fixture(scope="session")
def payloads() -> Path:
    folder = SHARED / "payloads"
    if not folder.is_dir():
        pytest.skip("no shared payloads beside the repository")
    return folder


@pytest.fixture(scope="session")
def model() -> UnderstandingModel:
    """The shipped model, read in the caller's thread."""
    return load_understanding()


@pytest.fixture
async def pool() -> AsyncIterator[SessionPool]:
    async with SessionPool(1) as threads:
        yield threads


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[int]:
    """The port of a mosquitto of its own."""
    if mosquitto_path() is None:
        pytest.skip("no mosquitto")
    port = free_port(0)
    async with demo_broker(port, tmp_path / "broker"):
        yield port


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        _left_out.append(f"{report.nodeid.split('::')[0]}: {report.longrepr[2]}")


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = sorted(set(_left_out))
    said = "; ".join(reasons) if reasons else "nothing"
    terminalreporter.write_line(f"left out: {said}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _left_out and os.environ.get("HEARTHD_NOTHING_LEFT_OUT"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
