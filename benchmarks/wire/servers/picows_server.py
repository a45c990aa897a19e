"""picows' server: python -m benchmarks.wire.servers.picows_server plain|fast.

The law of this file: it uses the library as its manual says. *plain* has asyncio's transports, as
everybody here; *fast* has the ones in C that picows takes by itself when it can. It closes behind
every response.
"""

import logging
import socket
from argparse import Namespace

from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

from ..exchanges import BODY
from ..hosting import BACKLOG, run


class Echo(WSListener):
    """Each message back."""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()
        else:
            transport.send(frame.msg_type, frame.get_payload_as_bytes())


def answer(request: WSUpgradeRequest) -> WSListener | WSUpgradeResponseWithListener:
    """What asks for no upgrade gets a body."""
    if "Upgrade" in request.headers:
        return Echo()
    return WSUpgradeResponseWithListener(WSUpgradeResponse.create_ok_response(BODY), None)


async def serve(listener: socket.socket, options: Namespace) -> object:
    """On asyncio's loop."""
    logging.getLogger("picows").setLevel(logging.CRITICAL + 1)
    return await ws_create_server(
        answer,
        sock=listener,
        backlog=BACKLOG,
        websocket_handshake_timeout=options.timeout,
        use_aiofastnet=options.kind == "fast",
    )


if __name__ == "__main__":
    run(serve, "plain", "fast")
