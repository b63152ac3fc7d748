"""The API itself: a call in, the vendor's answer out. No sockets and no clock: both belong to the caller."""

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.simulator import answers
from exporter.simulator.access import AT_ONCE, Access, Gone
from exporter.simulator.answers import Answer
from exporter.simulator.endpoints import Endpoint, Question
from exporter.simulator.faults import ActiveFault
from exporter.simulator.settings import OperationStyle
from exporter.simulator.wire import Request
from exporter.simulator.world import Operation


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call of the API, as it came.

    token: None without one. operation: the one that the token opens, None for none. endpoint: None for an API
    that does not exist. params: the query, `api` included, and the texts in the JSON of a PUT. in_flight:
    calls of the token in flight, this one included. gone: whether the caller has hung up. met: the fault of
    the call.
    """

    request: Request
    token: str | None
    operation: Operation | None
    endpoint: Endpoint | None
    params: Mapping[str, str]
    in_flight: int
    gone: Gone
    met: ActiveFault | None

    @property
    def api(self) -> str | None:
        """The name of the API, None for one that does not exist."""
        return self.endpoint.name if self.endpoint else None

    @property
    def style(self) -> OperationStyle:
        """The habits of the operation."""
        return self.operation.facts.style if self.operation else OperationStyle()


def answer_to(call: Call, access: Access, now: float) -> Answer:
    """Return the answer to a call at `now` (Unix seconds); unless it is a refusal, the call is counted."""
    operation, endpoint = call.operation, call.endpoint
    if call.token is None or operation is None:
        status, words = (403, answers.BAD_TOKEN) if call.token else (401, answers.NO_TOKEN)
    elif call.in_flight > AT_ONCE:
        status, words = 403, answers.TOO_MANY_AT_ONCE
    elif endpoint is None:
        named = call.params.get("api")
        status, words = 400, answers.UNKNOWN_API if named else answers.PARAMETERS_MISSING
    else:
        question = Question(operation, access, call.params, call.token, now)
        if wrong := endpoint.wrong_with(question):
            status, words = 400, wrong
        elif not access.spend(operation.facts, call.token, now):
            status, words = 403, answers.QUOTA_USED_UP
        else:
            answer = endpoint.answer(question)
            if call.style.logs_calls:
                operation.consumed.append((now, endpoint.vendor_name))
            return answer
    return Answer(status, words, style=call.style)
