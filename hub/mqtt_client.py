"""Paho's client as the hub wants it: manual acknowledgement, a last will, bounded queues, TLS."""

from __future__ import annotations

import ssl
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from hub.config import Broker

OUTGOING_LIMIT = 20_000
"""Messages that wait for a slow broker; more are not taken, and the caller is told."""


class BrokerError(Exception):
    """The broker cannot be reached, or does not let us in."""


def unconnected(broker: Broker, version: MQTTProtocolVersion, will_topic: str) -> paho.Client:
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
