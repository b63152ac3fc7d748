"""What becomes of a call: its operation is recognised, and it is counted, answered and sent."""

import json
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from typing import ClassVar

from exporter.simulator import api
from exporter.simulator.access import AT_ONCE, Access
from exporter.simulator.answers import Answer
from exporter.simulator.api import Call
from exporter.simulator.drill import Drill
from exporter.simulator.endpoints import BY_CALL, Endpoint
from exporter.simulator.faults import Fault, FaultBook
from exporter.simulator.settings import SimulatorSettings
from exporter.simulator.wire import Connection, Message, Request
from exporter.simulator.world import Clock, World

_PREFIX = "/api/v2/"


class Service:
    """The vendor behind the sockets. Safe for threads."""

    fault: ClassVar[type[Fault]] = Fault
    """The faults that the HTTP interface can set."""

    def __init__(self, settings: SimulatorSettings, clock: Clock, pace: float = 1.0) -> None:
        self.settings = settings
        self.clock = clock
        self.world = World(settings, clock())
        self.access = Access(settings.others_use_per_hour)
        self.faults = FaultBook()
        self.drill = Drill(self.world, self.access, self.faults, clock, pace)

    def handle(self, request: Request, connection: Connection) -> None:
        """Answer one request. Raises Hangup when the connection ends by it."""
        endpoint = _endpoint_of(request)
        if not request.path.startswith(_PREFIX):
            connection.write(self._dated(Message(HTTPStatus.NOT_FOUND, (), "text/html")), lambda: None)
        elif request.method != (endpoint.method if endpoint else "GET"):
            refused = Message(HTTPStatus.METHOD_NOT_ALLOWED, (), "text/html")
            connection.write(self._dated(refused), lambda: None)
        else:
            self._handle(self.begin(request, connection), connection)

    def begin(self, request: Request, connection: Connection) -> Call:
        """Return the call that a request makes, in flight from here on."""
        token = request.headers.get("wolkvox-token", "").strip() or None
        operation = self.world.of_token(token) if token else None
        endpoint = _endpoint_of(request)
        return Call(
            request=request,
            token=token,
            operation=operation,
            endpoint=endpoint,
            params={**json_of(request), **request.query},
            in_flight=self.access.enter(token, connection.gone) if token else 1,
            gone=connection.gone,
            met=self.faults.take(
                operation.facts.name if operation else None,
                endpoint.name if endpoint else None,
            ),
        )

    def message(self, call: Call) -> Message:
        """Return the HTTP message that answers a call, with what its fault does to it."""
        fault = call.met.fault if call.met else None
        if fault and fault.kind in fault.refusals:
            answer = Answer(HTTPStatus.FORBIDDEN, style=call.style)
        else:
            answer = api.answer_to(call, self.access, self.clock())
        if fault:
            answer = fault.answer(answer)
        gzip = int(self.settings.gzip and call.request.takes_gzip)
        message = Message(answer.status, answer.pieces(), gzip=gzip)
        if fault is None:
            return self._dated(message)
        return self._dated(fault.message(message), fault.clock_offset_seconds)

    def end(self, call: Call) -> None:
        """Take a call out of flight. May be called again."""
        if call.token:
            self.access.leave(call.token, call.gone)

    def _dated(self, message: Message, offset_seconds: float = 0.0) -> Message:
        """Return the message with a header Date (RFC 9110, section 6.6.1)."""
        date = formatdate(self.clock() + offset_seconds, usegmt=True)
        return replace(message, headers={"Date": date, **message.headers})

    def _handle(self, call: Call, connection: Connection) -> None:
        over = partial(self.end, call)
        try:
            if call.in_flight <= AT_ONCE:
                connection.sleep(self.settings.latency)
            message = self.message(call)
            if call.met:
                call.met.fault.deliver(message, connection, over, call.met.cleared)
            else:
                connection.write(message, over)
        finally:
            over()


def json_of(request: Request) -> Mapping[str, str]:
    """Return the texts of a JSON object in the body; what is none of them is as good as missing."""
    try:
        body = json.loads(request.body) if request.body else {}
    except ValueError:
        return {}
    if not isinstance(body, dict):
        return {}
    return {name: value for name, value in body.items() if isinstance(value, str)}


def _endpoint_of(request: Request) -> Endpoint | None:
    return BY_CALL.get((request.path.removeprefix(_PREFIX), request.query.get("api", "")))
