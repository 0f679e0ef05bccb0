"""Prometheus metrics over HTTP, where the configuration asks for them.

Numbers only: no name of a person, a device or a room is among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hub.config import ConfigurationError, Settings
from hub.hub import Hub

_GAUGES: tuple[tuple[str, str, Callable[[Hub], float]], ...] = (
    ("connected", "Whether the broker is connected.", lambda h: h.session.connected.is_set()),
    ("travelling", "Commands on their way.", lambda h: h.travelling),
    ("entities", "Entities that are known.", lambda h: len(h.registry.home().entities)),
    ("quarantined", "Entities set aside for the owner.", lambda h: len(h.registry.quarantine)),
    ("journal_failing", "Whether nothing can be written.", lambda h: bool(h.journal.failing)),
    ("loop_stall_seconds", "Worst delay of the event loop in a minute.", lambda h: h.stall.worst),
    ("states_waiting", "States not yet taken in.", lambda h: len(h.session.inbox.states)),
)
_COUNTERS: tuple[tuple[str, str, Callable[[Hub], float]], ...] = (
    ("loop_stalls", "Delays of the event loop above 50 ms.", lambda h: h.stall.total),
    ("states_dropped", "States too large or too many.", lambda h: h.session.inbox.dropped),
    ("notes_dropped", "Journal notes lost to a full disk.", lambda h: h.journal.dropped),
)


class HubCollector:
    """Reads the hub's numbers when Prometheus asks."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def collect(self) -> Iterator[Any]:
        """The metric families, as prometheus-client wants them."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        for name, text, read in _GAUGES:
            yield GaugeMetricFamily(f"hearthd_{name}", text, float(read(self._hub)))
        for name, text, read in _COUNTERS:
            yield CounterMetricFamily(f"hearthd_{name}", text, float(read(self._hub)))
        events = CounterMetricFamily("hearthd_events", "What happened.", labels=["kind"])
        for kind, number in sorted(self._hub.counters.items()):
            events.add_metric([kind], float(number))
        yield events


@contextmanager
def exported(hub: Hub, settings: Settings) -> Iterator[None]:
    """Serve the metrics meanwhile, if there is a port for them. Raises `ConfigurationError`."""
    section = settings.metrics
    if not section.port:
        yield
        return
    try:
        from prometheus_client import CollectorRegistry, start_http_server
    except ImportError as error:
        raise ConfigurationError(
            "metrics.port needs prometheus-client: pip install 'hearthd[metrics]'"
        ) from error
    registry = CollectorRegistry()
    registry.register(HubCollector(hub))
    try:
        server, thread = start_http_server(section.port, section.address, registry)
    except OSError as error:
        where = f"{section.address}:{section.port}"
        raise ConfigurationError(f"metrics: cannot listen on {where}: {error.strerror}") from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
