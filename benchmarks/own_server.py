"""The exporter's server with a finished body. Usage: own_server.py PORT FILE [CERT KEY]."""

import asyncio
import ssl
import sys
from http import HTTPStatus
from pathlib import Path

from exporter.toolkit.address import Address
from exporter.toolkit.message import Request, Response
from exporter.toolkit.server import Server


async def main(body: bytes) -> None:
    """Serve until the end."""
    answer = Response(HTTPStatus.OK, "text/plain", (body,))
    context = None
    if sys.argv[3:]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*sys.argv[3:])

    async def app(_: Request) -> Response:
        return answer

    async def tls() -> ssl.SSLContext | None:
        return context

    server = Server(app, tls_context=tls if context else None)
    await server.start([Address("127.0.0.1", int(sys.argv[1]))])
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[2]).read_bytes()))
