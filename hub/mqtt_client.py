"""Paho's client as the hub wants it: manual acknowledgement, a last will, bounded queues, TLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from hub.config import Broker

OUTGOING_LIMIT = 20_000
"""Messages that wait for a slow broker; more are not taken, and the caller is told."""
TELLING_SECONDS = 2.0
"""How long a program waits for a broker that it can do without."""


class BrokerError(Exception):
    """The broker cannot be reached, or does not let us in."""


def unconnected(
    broker: Broker, version: MQTTProtocolVersion, will_topic: str | None
) -> paho.Client:
    """A client that has not connected yet. Raises OSError where a file of the configuration, a
    password or a certificate, cannot be read."""
    options: dict[str, Any] = {} if version == paho.MQTTv5 else {"clean_session": False}
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=broker.client_id,
        protocol=version,
        transport=broker.transport,
        reconnect_on_failure=False,
        manual_ack=True,
        **options,
    )
    if will_topic is not None:
        client.will_set(will_topic, "offline", qos=1, retain=True)
    client.max_inflight_messages_set(1000)
    client.max_queued_messages_set(OUTGOING_LIMIT)
    password = broker.password
    if broker.password_file:
        password = broker.password_file.read_text("utf-8").strip()
    if broker.username:
        client.username_pw_set(broker.username, password)
    if broker.transport == "websockets":
        client.ws_set_options(path=broker.path)
    if broker.tls:
        client.tls_set_context(_tls_context(broker))
    return client


def _tls_context(broker: Broker) -> ssl.SSLContext:
    tls = broker.tls
    assert tls is not None
    context = ssl.create_default_context(cafile=str(tls.ca) if tls.ca else None)
    if tls.certificate:
        context.load_cert_chain(tls.certificate, tls.key)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def telling(broker: Broker, name: str) -> Iterator[Callable[[str, bytes], None]]:
    """A connection that only says something, of a program that works on without the broker too:
    where none answers at once, what is said is lost. It logs in as the hub, with an own `name`."""
    own = broker.model_copy(update={"client_id": f"{broker.client_id}-{name}"})
    version = paho.MQTTv5 if broker.protocol == "5" else paho.MQTTv311
    client = unconnected(own, version, None)
    if not _connected(client, broker):
        yield lambda topic, payload: None
        return
    said: list[paho.MQTTMessageInfo] = []
    try:
        yield lambda topic, payload: said.append(client.publish(topic, payload, qos=1))
    finally:
        with suppress(ValueError, RuntimeError):  # the connection was lost meanwhile
            for each in said[-1:]:
                each.wait_for_publish(TELLING_SECONDS)
        client.disconnect()
        client.loop_stop()


def _connected(client: paho.Client, broker: Broker) -> bool:
    """Whether the broker lets us in before long."""
    client.connect_timeout = TELLING_SECONDS
    answered = Event()
    client.on_connect = lambda *_: answered.set()
    try:
        client.connect(broker.host, broker.port, broker.keepalive)
    except (OSError, ValueError):
        return False
    client.loop_start()
    answered.wait(TELLING_SECONDS)
    return bool(client.is_connected())
