"""The simulator's own interface under /_simulator/, for loopback clients in other processes."""

import json
from collections.abc import Mapping
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
        try:
            match request.method, request.path.removeprefix(PREFIX):
                case "GET", "faults":
                    return 200, {
                        "faults": [active.as_json() for active in self._service.faults.active()],
                        "kinds": dict(KINDS),
                    }
                case "POST", "faults":
                    return self._set_fault(_object(request.body))
                case "DELETE", "faults":
                    number = request.query.get("id")
                    return 200, {"cleared": self._service.faults.clear(int(number) if number else None)}
                case "GET", "requests":
                    return 200, {"requests": [asdict(record) for record in self._service.log]}
                case "DELETE", "requests":
                    self._service.log.clear()
                    self._service.access.forget_most()
                    return 200, {}
                case "POST", "campaign":
                    return self._act(_object(request.body))
                case "GET", "state":
                    return 200, self._state()
                case _:
                    return 404, {"error": f"no {request.method} {request.path}"}
        except (ValueError, TypeError) as error:
            return 400, {"error": str(error)}
        except KeyError as error:
            return 404, {"error": f"no such operation or campaign: {error}"}

    def _set_fault(self, body: dict[str, object]) -> Reply:
        operation, endpoint = _text(body, "operation"), _text(body, "endpoint")
        active = self._service.faults.set(fault_from_json(body), operation, endpoint)
        return 201, active.as_json()

    def _act(self, body: dict[str, object]) -> Reply:
        name, campaign_id = _text(body, "operation") or "", _text(body, "campaign_id") or ""
        operation = self._service.world.named(name)
        control = CampaignControl(operation, campaign_id, self._service.clock)
        control.act(_text(body, "action") or "", _text(body, "name"))
        return 200, _campaign(control.figures)

    def _state(self) -> Mapping[str, object]:
        return {
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
