"""How much each site may say: a token bucket a site (RFC 2697 without colours)."""

from __future__ import annotations

from dataclasses import dataclass, field

SITES = 1000
"""Sites whose buckets are kept; for one more, the one that was silent longest is forgotten."""


@dataclass(slots=True)
class Allowance:
    """`rate` commands a second, `burst` at once."""

    rate: float
    burst: int
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, site: str, now: float) -> bool:
        """Whether one more is allowed; `now` in seconds on a clock that only goes forward."""
        tokens, then = self._buckets.pop(site, (float(self.burst), now))
        tokens = min(float(self.burst), tokens + (now - then) * self.rate)
        allowed = tokens >= 1
        self._buckets[site] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > SITES:
            del self._buckets[next(iter(self._buckets))]
        return allowed
