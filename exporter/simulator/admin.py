"""The simulator's own interface under /_simulator/, for loopback clients in other processes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from ipaddress import ip_address

from exporter.simulator.access import Usage
from exporter.simulator.controls import CampaignControl
from exporter.simulator.dialler import Figures
from exporter.simulator.faults import KINDS, fault_from_json
from exporter.simulator.mischief import json_message
from exporter.simulator.service import Service
from exporter.simulator.wire import Connection, Request
from exporter.simulator.world import Operation

PREFIX = "/_simulator/"

Reply = tuple[int, object]


class Admin:
    """Faults, request log, campaigns and state as JSON."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def handle(self, request: Request, connection: Connection) -> None:
        """Answer one admin request; anybody beyond loopback gets 403."""
        status, body = (
            self._reply(request) if _is_loopback(connection.peer) else (403, {"error": "loopback only"})
        )
        text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        connection.write(json_message(status, (text,)), lambda: None)

    def _reply(self, request: Request) -> Reply:
        replies: dict[tuple[str, str], Callable[[Request], Reply]] = {
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._set_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "requests"): self._requests,
            ("DELETE", "requests"): self._forget_requests,
            ("POST", "campaign"): self._act,
            ("GET", "state"): self._state,
        }
        reply = replies.get((request.method, request.path.removeprefix(PREFIX)))
        if reply is None:
            return 404, {"error": f"no {request.method} {request.path}"}
        try:
            return reply(request)
        except (ValueError, TypeError) as error:
            return 400, {"error": str(error)}
        except KeyError as error:
            return 404, {"error": f"no such operation or campaign: {error}"}

    def _faults(self, _: Request) -> Reply:
        active = [one.as_json() for one in self._service.faults.active()]
        return 200, {"faults": active, "kinds": dict(KINDS)}

    def _clear_faults(self, request: Request) -> Reply:
        number = request.query.get("id")
        return 200, {"cleared": self._service.faults.clear(int(number) if number else None)}

    def _requests(self, _: Request) -> Reply:
        return 200, {"requests": [asdict(record) for record in self._service.log]}

    def _forget_requests(self, _: Request) -> Reply:
        self._service.log.clear()
        self._service.access.forget_most()
        return 200, {}

    def _set_fault(self, request: Request) -> Reply:
        body = _object(request.body)
        operation, api = _text(body, "operation"), _text(body, "api")
        active = self._service.faults.set(fault_from_json(body), operation, api)
        return 201, active.as_json()

    def _act(self, request: Request) -> Reply:
        body = _object(request.body)
        name, campaign_id = _text(body, "operation") or "", _text(body, "campaign_id") or ""
        operation = self._service.world.named(name)
        control = CampaignControl(operation, campaign_id, self._service.clock)
        control.act(_text(body, "action") or "", _text(body, "name"))
        return 200, _campaign(control.figures)

    def _state(self, _: Request) -> Reply:
        return 200, {
            "now": self._service.clock(),
            "max_in_flight": self._service.access.max_in_flight(),
            "operations": [self._operation(operation) for operation in self._service.world.operations],
        }

    def _operation(self, operation: Operation) -> Mapping[str, object]:
        now = self._service.clock()
        facts = operation.facts
        usage: Usage = self._service.access.usage(facts, now)
        return {
            "name": facts.name,
            "tokens": {
                token: {
                    "used_today": usage.by_token[token],
                    "max_in_flight": self._service.access.max_in_flight(token),
                }
                for token in facts.tokens
            },
            "timezone": facts.timezone,
            "licences": facts.licences,
            "limit": usage.limit,
            "used_today": usage.total,
            "virtual_time": operation.virtual_at(now).isoformat(),
            "campaigns": [_campaign(figures) for figures in operation.figures(now)],
        }


def _campaign(figures: Figures) -> Mapping[str, object]:
    return {
        "campaign_id": figures.part.campaign_id,
        "name": figures.name,
        "started": figures.started,
        "records": figures.records,
        "clean": figures.clean,
        "dial": figures.tally.attempts,
        "calls_x_min": figures.calls_x_min,
        "recycled": figures.recycled,
    }


def _object(body: bytes) -> dict[str, object]:
    value = json.loads(body or b"{}")
    if not isinstance(value, dict):
        raise TypeError("a JSON object is needed")
    return value


def _text(body: dict[str, object], name: str) -> str | None:
    value = body.pop(name, None)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is a text")
    return value


def _is_loopback(peer: str) -> bool:
    return ip_address(peer.partition("%")[0]).is_loopback
