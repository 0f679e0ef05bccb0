"""Known vulnerabilities of what the edge installs: `audit.py PIP_AUDIT SITE_PACKAGES`.

Fails on findings, and on a fault of pip-audit itself. Where its service cannot be reached it says
that nothing was audited: pip-audit tells that by an error, or by skipping every package and ending
well, which must not look like a clean bill of health.
"""

from __future__ import annotations

import json
import subprocess
import sys

_UNREACHABLE = ("Connection", "timed out", "Timeout", "resolve", "HTTP", "unreachable")


def verdict(code: int, report: str, said: str) -> tuple[int, str]:
    """Exit code and a line for people, from pip-audit's exit code, JSON report and messages."""
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        if any(sign in said for sign in _UNREACHABLE):
            return 0, "not audited: service unreachable"
        return 1, f"pip-audit failed ({code}): {said.strip()[-300:]}"
    audited = [package for package in packages if "vulns" in package]
    found = [
        f"{package['name']} {package['version']}: {vulnerability['id']}"
        for package in audited
        for vulnerability in package["vulns"]
    ]
    if found:
        return 1, "vulnerable: " + "; ".join(found)
    if not audited:
        return 0, "not audited: service unreachable (it knew none of the packages)"
    left_out = len(packages) - len(audited)
    more = f", {left_out} not known there" if left_out else ""
    return code, f"audited {len(audited)} packages, no known vulnerability{more}"


def main(pip_audit: str, site_packages: str) -> int:
    """Run pip-audit and print the verdict."""
    command = [
        pip_audit, "--path", site_packages, "--format", "json", "--progress-spinner", "off",
        "--timeout", "10",
    ]  # fmt: skip
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        code, line = verdict(ran.returncode, ran.stdout, ran.stderr)
    except subprocess.TimeoutExpired:
        code, line = 0, "not audited: service unreachable (no answer in 300 s)"
    print(line)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
