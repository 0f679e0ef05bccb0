"""The audit of CI: real findings fail, silence is not taken for health."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def verdict() -> Callable[[int, str, str], tuple[int, str]]:
    place = Path(__file__).parents[2] / ".ci" / "audit.py"
    spec = importlib.util.spec_from_file_location("audit", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[int, str, str], tuple[int, str]] = module.verdict
    return found


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


SOUND = {"name": "rich", "version": "15.0.0", "vulns": []}
BAD = {"name": "jinja2", "version": "2.0", "vulns": [{"id": "PYSEC-1"}]}
SKIPPED = {"name": "rich", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("code", "written", "said", "expected"),
    [
        (1, report(SOUND, BAD), "", (1, "vulnerable: jinja2 2.0: PYSEC-1")),
        (0, report(SOUND), "", (0, "audited 1 packages, no known vulnerability")),
        (0, report(SOUND, SKIPPED), "", (0, "audited 1 packages, no known vulnerability, 1 not known there")),
        (0, report(SKIPPED), "", (0, "not audited: service unreachable (it knew none of the packages)")),
        (1, "", "ERROR: ConnectionError: Max retries", (0, "not audited: service unreachable")),
        (2, "", "unknown option --pth", (1, "pip-audit failed (2): unknown option --pth")),
    ],
)  # fmt: skip
def test_what_pip_audit_says_is_read_as_it_is(
    verdict: Callable[[int, str, str], tuple[int, str]],
    code: int,
    written: str,
    said: str,
    expected: tuple[int, str],
) -> None:
    assert verdict(code, written, said) == expected
