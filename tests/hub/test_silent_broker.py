"""A broker that swallows an MQTT 5 CONNECT without a word is spoken to in 3.1.1, before those who
wait for the connection give up."""

import asyncio
from contextlib import suppress

from hub.config import Broker
from hub.mqtt import Session

CONNACK_3_1_1 = b"\x20\x02\x00\x00"


class SilentBroker:
    """Answers the CONNECT of MQTT 3.1.1, and nothing else that anybody says."""

    def __init__(self) -> None:
        self.levels: list[int] = []
        self.open: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.append(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"MQTT")
            self.levels.append((await reader.readexactly(1))[0])
            if self.levels[-1] == 4:
                writer.write(CONNACK_3_1_1)
            while await reader.read(1024):
                pass

    async def close(self) -> None:
        for writer in self.open:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def test_it_is_spoken_to_in_3_1_1_within_what_the_doctor_waits() -> None:
    silent = SilentBroker()
    server = await asyncio.start_server(silent.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    session = Session(Broker(port=port, client_id="test-silent"), "test/silent", "")
    running = asyncio.create_task(session.run())
    try:
        await session.wait_connected(4)
        assert silent.levels == [5, 4]
        assert not session.speaks_5
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await silent.close()
        server.close()
