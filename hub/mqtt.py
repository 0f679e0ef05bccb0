"""The hub's MQTT session: paho's client on the asyncio loop, with manual acknowledgement.

Why not a wrapper: the promise "journal first, then PUBACK" needs `manual_ack`, which the asyncio
wrappers for MQTT 3.1.1 and 5 do not offer. This and `hub.mqtt_client` are what touches paho.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from hub.config import Broker
from hub.inbox import ECHO_LIMIT, Inbox, Message
from hub.mqtt_client import BrokerError, unconnected
from hub.subscriptions import Subscriptions

CONNACK_SECONDS = 5.0
GREETING_SECONDS = 2.0
"""For an answer to MQTT 5 where 3.1.1 would do: some old brokers swallow it and say nothing. With
the second attempt this stays within what `hearthd doctor` and `hearthd say` wait."""

TOLD_SECONDS = 60.0
"""Between two notices that the connection is lost: a broker may hang up every second."""

UNSUPPORTED_PROTOCOL = 132
"""CONNACK reason code, MQTT 5 section 3.2.2.2; 3.1.1 brokers answer return code 1, which paho maps
to it."""


class Session:
    """A connection to the broker that comes back by itself."""

    def __init__(
        self, broker: Broker, will_topic: str, commands: str, echoes: str | None = None
    ) -> None:
        """Messages under the topic filter `commands` wait in order; those under the prefix `echoes`
        (what we said ourselves) are kept in order beside them, to be acknowledged too; all others
        are states. `on_lost` hears why a connection was lost, at most once in `TOLD_SECONDS`."""
        self.broker = broker
        self._echo_prefix = echoes
        self.inbox = Inbox()
        self.connected = asyncio.Event()
        self.lost = asyncio.Event()
        self.reconnected = asyncio.Event()
        self._connections = 0
        self._will_topic = will_topic
        self._command_prefix = commands.rstrip("+")
        self._subscriptions = Subscriptions()
        self.on_lost: Callable[[str], None] = lambda why: None
        self._failure: str | None = None
        self._told_at = -TOLD_SECONDS
        self._version = paho.MQTTv311 if broker.protocol == "3.1.1" else paho.MQTTv5
        self._client: paho.Client | None = None
        self._closing = False
        self._is_old = False

    @property
    def speaks_5(self) -> bool:
        """Whether the connection speaks MQTT 5."""
        return bool(self._version == paho.MQTTv5)

    # --- connecting -------------------------------------------------------------------------

    async def run(self) -> None:
        """Stay connected until cancelled; waits longer after each failure, up to 30 s."""
        delay = 0.5
        try:
            while True:
                try:
                    await self._connect()
                    delay = 0.5
                    await self.lost.wait()
                except (OSError, BrokerError) as error:
                    self._failure = str(error)
                self.connected.clear()
                self._tell_that_it_is_lost()
                await self._drop()
                await asyncio.sleep(delay * random.uniform(0.8, 1.2))
                delay = min(30.0, delay * 2)
        finally:
            await self._close()

    def _tell_that_it_is_lost(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._told_at >= TOLD_SECONDS:
            self._told_at = now
            self.on_lost(self._failure or "the broker hung up")

    async def wait_connected(self, seconds: float) -> None:
        """Return once connected. Raises `BrokerError` with the last failure after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self.connected.wait()
        except TimeoutError as error:
            where = f"{self.broker.host}:{self.broker.port}"
            raise BrokerError(
                f"no MQTT broker at {where}: {self._failure or 'no answer'}; try `hearthd doctor`"
            ) from error

    async def _connect(self) -> None:
        auto = self.broker.protocol == "auto"
        if auto and not self._is_old:
            self._version = paho.MQTTv5
        reason = await self._attempt(GREETING_SECONDS if auto else CONNACK_SECONDS)
        refused_5 = reason is None or reason.value == UNSUPPORTED_PROTOCOL
        if refused_5 and auto and self.speaks_5:
            self._is_old = reason is not None  # one that only was silent is asked again next time
            await self._drop()
            self._version = paho.MQTTv311
            reason = await self._attempt()
        if reason is None:
            raise BrokerError("the broker accepted the connection but did not answer")
        if reason.is_failure:
            raise BrokerError(f"the broker refused the connection: {reason}")
        if self._client is not None:
            self._subscriptions.request_all(self._client, self.speaks_5)
            self._client.publish(self._will_topic, "online", qos=1, retain=True)
        self.connected.set()
        self._connections += 1
        if self._connections > 1:
            self.reconnected.set()

    async def _attempt(self, seconds: float = CONNACK_SECONDS) -> Any:
        """Connect once; the reason code of the broker's answer. None if it says nothing, or hangs
        up: so do some 3.1.1 brokers when they are spoken to in MQTT 5."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self.lost.clear()
        answered: asyncio.Future[Any] = self._loop.create_future()
        client = self._client = self._make_client(answered)
        options: dict[str, Any] = {"keepalive": self.broker.keepalive}
        if self.speaks_5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = 7 * 24 * 3600
            options |= {"clean_start": False, "properties": properties}
        await asyncio.to_thread(client.connect, self.broker.host, self.broker.port, **options)
        self._misc = asyncio.create_task(self._keep_alive(client), name="mqtt keep-alive")
        hung_up = asyncio.create_task(self.lost.wait(), name="mqtt greeting")
        try:
            await asyncio.wait(
                {answered, hung_up}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            hung_up.cancel()
        return answered.result() if answered.done() else None

    def _make_client(self, answered: asyncio.Future[Any]) -> paho.Client:
        client = unconnected(self.broker, self._version, self._will_topic)

        def on_connect(c: Any, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
            if not answered.done():
                answered.set_result(reason)

        client.on_connect = on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_subscribe = self._subscriptions.confirm
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_register_write
        client.on_socket_unregister_write = self._on_unregister_write
        return client

    async def _keep_alive(self, client: paho.Client) -> None:
        while client.loop_misc() == paho.MQTT_ERR_SUCCESS:  # noqa: ASYNC110 (paho wants polling)
            await asyncio.sleep(1)
        self.lost.set()

    async def _drop(self) -> None:
        client, self._client = self._client, None
        misc = getattr(self, "_misc", None)
        if misc is not None:
            misc.cancel()
        if client is not None:
            with contextlib.suppress(ValueError, OSError):
                client.disconnect()

    async def _close(self) -> None:
        self._closing = True
        client = self._client
        if client is not None and self.connected.is_set():
            info = client.publish(self._will_topic, "offline", qos=1, retain=True)
            with contextlib.suppress(ValueError, RuntimeError):
                for _ in range(50):
                    if info.is_published():
                        break
                    await asyncio.sleep(0.01)
        await self._drop()

    # --- paho's callbacks -------------------------------------------------------------------

    def _on_socket_open(self, client: Any, userdata: Any, sock: Any) -> None:
        raw = getattr(sock, "_socket", sock)  # a websocket wraps the real one
        with contextlib.suppress(OSError, AttributeError):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._in_loop(self._loop.add_reader, sock, client.loop_read)

    def _on_socket_close(self, client: Any, userdata: Any, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._in_loop(self._loop.remove_reader, sock)
            self._in_loop(self._loop.remove_writer, sock)

    def _on_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        self._in_loop(self._loop.add_writer, sock, client.loop_write)

    def _on_unregister_write(self, client: Any, userdata: Any, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._in_loop(self._loop.remove_writer, sock)

    def _in_loop(self, function: Callable[..., Any], *arguments: Any) -> None:
        """At once on the loop's own thread: a socket may be closed before the next turn."""
        if threading.get_ident() == self._thread:
            function(*arguments)
        else:
            self._loop.call_soon_threadsafe(function, *arguments)

    def _on_disconnect(self, client: Any, userdata: Any, flags: Any, why: Any, *_: Any) -> None:
        if client is not self._client:
            return  # one that we have given up already
        self._failure = f"the broker hung up: {why}"
        self.connected.clear()
        self.lost.set()

    def _on_message(self, client: Any, userdata: Any, received: paho.MQTTMessage) -> None:
        properties = received.properties
        message = Message(
            received.topic,
            bytes(received.payload),
            received.retain,
            received.mid,
            received.qos,
            getattr(properties, "ResponseTopic", None) if properties else None,
            getattr(properties, "CorrelationData", None) if properties else None,
            received.dup,
        )
        inbox = self.inbox
        if received.topic.startswith(self._command_prefix):
            try:
                inbox.commands.put_nowait(message)
            except asyncio.QueueFull:
                self.acknowledge(message)
                if inbox.refused is not None:
                    inbox.refused(message)
            return
        if self._echo_prefix and received.topic.startswith(self._echo_prefix):
            if message.qos or len(inbox.echoes) < ECHO_LIMIT:  # ours are acknowledged later
                inbox.echoes.append(message)
                inbox.arrived.set()
            return
        self.acknowledge(message)
        inbox.take_in(message)

    # --- what the hub does with it --------------------------------------------------------------

    def acknowledge(self, message: Message) -> None:
        """Send PUBACK (or PUBREC): from here on the broker forgets the message."""
        if message.qos and self._client is not None:
            self._client.ack(message.mid, message.qos)

    def publish(
        self,
        topic: str,
        payload: bytes,
        qos: int = 1,
        retain: bool = False,
        correlation: bytes | None = None,
    ) -> bool:
        """Hand a message to the connection; False if there is none."""
        if self._client is None or not self.connected.is_set():
            return False
        properties = None
        if correlation is not None and self.speaks_5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.CorrelationData = correlation
        info = self._client.publish(topic, payload, qos, retain, properties)
        return bool(info.rc == paho.MQTT_ERR_SUCCESS)

    def subscribe(self, topics: Iterable[str], qos: int = 1) -> None:
        """Subscribe now, and again after every reconnection."""
        new = self._subscriptions.add(topics, qos)
        if self._client is not None and self.connected.is_set():
            self._subscriptions.request(self._client, new, self.speaks_5)

    async def subscriptions_confirmed(self, seconds: float = 10) -> None:
        """Return when the broker has acknowledged all subscriptions: what is published from now on
        arrives. Raises `BrokerError` after `seconds`."""
        await self._subscriptions.confirmed(seconds)

    def unsubscribe(self, topics: Iterable[str]) -> None:
        """No more of these topics."""
        gone = self._subscriptions.remove(topics)
        if gone and self._client is not None and self.connected.is_set():
            self._client.unsubscribe(gone)

    async def commands(self) -> AsyncIterator[Message]:
        """Commands in the order of their arrival."""
        while True:
            yield await self.inbox.commands.get()

    async def states(self, slice_size: int = 40) -> AsyncIterator[list[Message]]:
        """State messages in slices; between slices the loop belongs to others, commands first."""
        inbox = self.inbox
        while True:
            await inbox.arrived.wait()
            while inbox.states or inbox.echoes:
                echoes = [inbox.echoes.popleft() for _ in range(min(20, len(inbox.echoes)))]
                yield [*echoes, *inbox.some_states(slice_size)]
                await asyncio.sleep(0 if inbox.commands.empty() else 0.001)
            inbox.arrived.clear()
