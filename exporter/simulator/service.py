"""What becomes of a request: its operation is recognised, the call counted, answered and logged."""

import json
import time
from collections.abc import Callable

from exporter.simulator import answers, api, mischief
from exporter.simulator.access import AT_ONCE, Access, Presence
from exporter.simulator.answers import Answer
from exporter.simulator.faults import REFUSALS, ActiveFault, FaultBook
from exporter.simulator.requestlog import RequestLog, RequestRecord
from exporter.simulator.settings import OperationStyle, SimulatorSettings
from exporter.simulator.wire import Connection, Message, Request
from exporter.simulator.world import Clock, World

_PREFIX = "/api/v2/"


class Service:
    """The vendor behind the sockets: world, access, faults and log. Safe for threads."""

    def __init__(self, settings: SimulatorSettings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.world = World(settings, clock())
        self.access = Access(settings.others_use_per_hour)
        self.faults = FaultBook()
        self.log = RequestLog()

    def handle(self, request: Request, connection: Connection) -> None:
        """Answer one request of the API. Raises Hangup when the connection ends by it."""
        name = _api_of(request)
        if not request.path.startswith(_PREFIX) or request.method != api.METHODS.get(name or "", "GET"):
            missing = Message(405 if request.path.startswith(_PREFIX) else 404, (), "text/html")
            connection.write(missing, lambda: None)
            return
        token = request.headers.get("wolkvox-token", "").strip() or None
        presence = self.access.enter(token, connection.gone) if token else None
        record = self._record(request, token, presence)
        over = self._over(record, presence)
        self.log.add(record)
        try:
            active = self.faults.take(record.operation, record.api)
            record.fault = active.fault.kind if active else None
            if presence is None or presence.in_flight <= AT_ONCE:
                connection.sleep(self.settings.latency)
            message = self._message(request, record, presence, active)
            record.status = message.status
            mischief.deliver(connection, message, active, over)
        finally:
            over()

    def _record(self, request: Request, token: str | None, presence: Presence | None) -> RequestRecord:
        operation = self.world.of_token(token) if token else None
        return RequestRecord(
            started=time.monotonic(),
            method=request.method,
            path=request.path,
            query={name: value for name, value in request.query.items() if name != "api"},
            body=_json_of(request),
            token=token,
            operation=operation.facts.name if operation else None,
            api=_api_of(request),
            in_flight=presence.in_flight if presence else 1,
        )

    def _over(self, record: RequestRecord, presence: Presence | None) -> Callable[[], None]:
        def over() -> None:
            if presence:
                presence.leave()
            self.log.end(record, time.monotonic())

        return over

    def _message(
        self, request: Request, record: RequestRecord, presence: Presence | None, active: ActiveFault | None
    ) -> Message:
        gzip = int(self.settings.gzip and request.takes_gzip)
        fault = active.fault if active else None
        operation = self.world.of_token(record.token) if record.token else None
        style = operation.facts.style if operation else OperationStyle()
        if fault and fault.kind in REFUSALS:
            # The call is refused before anybody counts or answers it.
            answer = answers.nothing(style)
        else:
            answer = self._answer(request, record, presence)
        if not fault:
            return Message(answer.status, answer.pieces(), gzip=gzip)
        return mischief.message(mischief.distort(answer, fault, style), fault, gzip=gzip)

    def _answer(self, request: Request, record: RequestRecord, presence: Presence | None) -> Answer:
        if record.token is None or presence is None:
            return answers.no_token()
        operation = self.world.of_token(record.token)
        if operation is None:
            return answers.bad_token()
        params = {**_json_of(request), **request.query}
        call = api.Call(operation, record.token, record.api, params, self.clock())
        return api.admit(self.access, presence, call) or api.respond(self.access, call)


def _api_of(request: Request) -> str | None:
    return api.APIS.get((request.path.removeprefix(_PREFIX), request.query.get("api", "")))


def _json_of(request: Request) -> dict[str, str]:
    """Return the texts of a JSON object in the body; what is none of them is as good as missing."""
    try:
        body = json.loads(request.body) if request.body else {}
    except ValueError:
        return {}
    if not isinstance(body, dict):
        return {}
    return {name: value for name, value in body.items() if isinstance(value, str)}
