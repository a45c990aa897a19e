"""A reverse proxy. From ``docs``: ``python -m examples.reverse_proxy 8080 127.0.0.1 9000``."""

import asyncio
import sys
from contextlib import suppress
from functools import partial

from httpupgrade import (
    Accept101,
    ConnectionClosed,
    Forward,
    Passthrough,
    ProtocolError,
    RequestHead,
    ServerState,
    Signal,
)

from .passing_on import Address, Client
from .small_site import LINGER, SECONDS


async def serve(client: Client, address: Address) -> None:
    """Pass a client's requests on, until one of them switches or nothing more can come."""
    negotiator = client.negotiator
    event = negotiator.next_event()
    while not isinstance(event, ConnectionClosed):
        match event:
            case Signal.NEED_DATA:
                event = await client.read()
                continue
            case Passthrough(head=head):
                body = negotiator.next_event()
                if head is None or negotiator.state is ServerState.OPAQUE:
                    # Nobody can tell where it ends, and what would be another request.
                    return await client.write(negotiator.refuse(400).to_bytes(), client.writer)
                await client.ask(address, head, body)
                if client.reply is None or client.reply.closes:
                    return None
            case Accept101(head=RequestHead() as head):
                # Not before the server has switched. What comes early is held, or not yet read.
                return await client.ask(address, head, Forward(b"", end=True), event.token)
            case Accept101() | Forward() | Signal.PAUSED:
                raise AssertionError(f"bodies are read while their requests are answered: {event}")
            case _:  # a handshake that no server could take
                await client.write(negotiator.send(event), client.writer)
        event = negotiator.next_event()
    return None


async def handle(
    address: Address, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Serve one client, whatever it and the server do."""
    client = None
    try:
        async with asyncio.timeout(SECONDS) as time:
            client = Client((reader, writer), time)
            await serve(client, address)
    except (ProtocolError, ValueError, OSError):
        # No tunnel without a 101 that was verified; nothing after half an answer.
        if client is None or client.reply is None or client.reply.begun:
            writer.transport.abort()
            return
        writer.write(client.negotiator.refuse(502).closing().to_bytes())
    with suppress(OSError):
        writer.write_eof()
        async with asyncio.timeout(LINGER):
            while await reader.read(65536):
                pass
    writer.transport.abort()


async def main(port: int, address: Address) -> None:
    """Listen on loopback."""
    connected = partial(handle, address)
    async with await asyncio.start_server(connected, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), (sys.argv[2], int(sys.argv[3]))))
