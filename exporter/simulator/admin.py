"""The simulator's own HTTP interface under /_simulator/, for this machine only; see docs/rehearsal.md."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from ipaddress import ip_address

from exporter.simulator.actions import ACTIONS, CONDITIONS
from exporter.simulator.controls import CampaignControl
from exporter.simulator.dialler import Figures
from exporter.simulator.endpoints import ENDPOINTS
from exporter.simulator.incidents import INCIDENTS, Incident
from exporter.simulator.queues import agents_at
from exporter.simulator.service import Service
from exporter.simulator.wire import Connection, Message, Request
from exporter.simulator.world import Operation

PREFIX = "/_simulator/"

Reply = tuple[int, object]


class Admin:
    """Faults, campaigns, the day's calls, incidents and the state of all, as JSON."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.replies: dict[tuple[str, str], Callable[[Request], Reply]] = {
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._set_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "campaign"): self._act,
            ("POST", "calls"): self._set_calls,
            ("POST", "condition"): self._set_condition,
            ("GET", "stage"): self._incidents,
            ("POST", "stage"): self._stage,
            ("DELETE", "stage"): self._end,
            ("GET", "state"): self._state,
        }
        """Method and path -> what answers it."""

    def handle(self, request: Request, connection: Connection) -> None:
        """Answer one request; a client on another machine gets 403."""
        local = _is_loopback(connection.peer)
        status, body = self._reply(request) if local else (403, {"error": "only for this machine"})
        text = json.dumps(body, ensure_ascii=False, indent=2) + "\n"  # people read it in a terminal
        connection.write(Message(status, (text.encode("utf-8", "replace"),)), lambda: None)

    def _reply(self, request: Request) -> Reply:
        reply = self.replies.get((request.method, request.path.removeprefix(PREFIX)))
        if reply is None:
            return 404, {"error": f"there is no {request.method} {request.path}"}
        try:
            return reply(request)
        except (ValueError, TypeError) as error:
            return 400, {"error": str(error)}
        except KeyError as error:
            return 404, {"error": f"no such operation, campaign or token: {error}"}

    def _faults(self, _: Request) -> Reply:
        active = [one.as_json() for one in self._service.faults.active()]
        apis = [endpoint.name for endpoint in ENDPOINTS]
        return 200, {"faults": active, "kinds": dict(self._service.fault.kinds), "apis": apis}

    def _set_fault(self, request: Request) -> Reply:
        body = _object(request.body)
        operation, api = _text(body, "operation"), _text(body, "api")
        return 201, self._service.faults.set(self._service.fault.from_json(body), operation, api).as_json()

    def _clear_faults(self, request: Request) -> Reply:
        number = request.query.get("id")
        return 200, {"cleared": self._service.faults.clear(int(number) if number else None)}

    def _act(self, request: Request) -> Reply:
        """Do something to one campaign, or to all of an operation."""
        body = _object(request.body)
        operation = self._service.world.named(_text(body, "operation") or "")
        campaign_id, action, name = (_text(body, key) or "" for key in ("campaign_id", "action", "name"))
        ids = operation.ids if campaign_id == "all" else (campaign_id,)
        controls = [CampaignControl(operation, one, self._service.clock) for one in ids]
        for control in controls:
            control.act(action, name)
        figures = [_campaign(control.figures) for control in controls]
        return 200, {"campaigns": figures} if campaign_id == "all" else figures[0]

    def _incidents(self, _: Request) -> Reply:
        staged = [one.as_json() for one in self._service.drill.staged()]
        return 200, {"incidents": {name: _incident(one) for name, one in INCIDENTS.items()}, "staged": staged}

    def _stage(self, request: Request) -> Reply:
        """Stage the incident that the query or the body names."""
        told = {**_object(request.body), **request.query}
        name, operation, campaign = (_text(told, key) or "" for key in ("incident", "operation", "campaign"))
        return 201, self._service.drill.stage(name, operation, campaign).as_json()

    def _end(self, request: Request) -> Reply:
        """End the incidents that the query names, all without one."""
        over = self._service.drill.end(request.query.get("incident", ""), request.query.get("operation", ""))
        return 200, {"ended": [one.as_json() for one in over]}

    def _set_calls(self, request: Request) -> Reply:
        """Set how many calls the operation has made today."""
        body = _object(request.body)
        operation, calls = self._service.world.named(_text(body, "operation") or ""), body.get("calls")
        if not isinstance(calls, int) or calls < 0:
            raise ValueError("calls is a whole number, 0 or more")
        self._service.access.set_used(operation.facts, operation.facts.token, calls, self._service.clock())
        return 200, self._operation(operation)

    def _set_condition(self, request: Request) -> Reply:
        """Set whether a condition holds in an operation; it does unless `holds` says otherwise."""
        body = _object(request.body)
        operation, holds = self._service.world.named(_text(body, "operation") or ""), body.get("holds", True)
        if not isinstance(holds, bool):
            raise TypeError("holds is true or false")
        operation.set_condition(_text(body, "condition") or "", self._service.clock(), holds=holds)
        return 200, self._operation(operation)

    def _state(self, _: Request) -> Reply:
        return 200, {
            "now": self._service.clock(),
            "actions": dict(ACTIONS),
            "conditions": dict(CONDITIONS),
            "operations": [self._operation(operation) for operation in self._service.world.operations],
        }

    def _operation(self, operation: Operation) -> dict[str, object]:
        now = self._service.clock()
        facts = operation.facts
        usage = self._service.access.usage(facts, now)
        return {
            "name": facts.name,
            "tokens": {token: {"used_today": used} for token, used in usage.by_token.items()},
            "timezone": facts.timezone,
            "licences": facts.licences,
            "limit": usage.limit,
            "used_today": usage.total,
            "virtual_time": operation.virtual_at(now).isoformat(),
            "conditions": list(operation.conditions),
            "agents": Counter(one.status for one in agents_at(operation, now)),
            "campaigns": [_campaign(figures) for figures in operation.figures(now)],
        }


def _campaign(figures: Figures) -> Mapping[str, object]:
    return {
        "campaign_id": figures.profile.campaign_id,
        "name": figures.name,
        "started": figures.started,
        "records": figures.records,
        "clean": figures.clean,
        "dial": figures.tally.attempts,
        "calls_x_min": figures.calls_x_min,
        "recycled": figures.recycled,
    }


def _incident(incident: Incident) -> Mapping[str, object]:
    told = {"what": incident.text, "alert": incident.alert}
    if incident.by_hand:
        return {**told, "by_hand": incident.by_hand}
    return {**told, "minutes": incident.minutes, "needs_usual_figures": incident.usual}


def _object(body: bytes) -> dict[str, object]:
    value = json.loads(body or b"{}")
    if not isinstance(value, dict):
        raise TypeError("a JSON object is expected")
    return value


def _text(body: dict[str, object], name: str) -> str | None:
    value = body.pop(name, None)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is a text")
    return value


def _is_loopback(peer: str) -> bool:
    return ip_address(peer.partition("%")[0]).is_loopback
