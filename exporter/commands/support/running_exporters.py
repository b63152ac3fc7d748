"""Commands and the exporters that run beside them: they must share one state.

The state has the lease that lets one process call with a token, the day's count of calls and, beside it, the
journals. A command that uses another state than the exporter would call while the exporter calls, count for
itself, and code a customer twice. So each exporter tells at its probe socket which state it uses; every user
of the machine may ask, and the answer has no secret.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Collection, Iterator, Sequence
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

import msgspec

from exporter.commands.support.command_line import PROGRAM
from exporter.config import Config, Operation, SecretError
from exporter.operators.command_client import StateNotShared
from exporter.operators.translation import translated
from exporter.state import ResilientStore, Store
from exporter.time_limit import ThreadError, call_within
from exporter.toolkit.message import Request, Response
from exporter.toolkit.probe_socket import LocalPage, ProbeConnection, ports
from exporter.traffic.gate import lease_key_of
from exporter.users import user_name

if TYPE_CHECKING:
    from exporter.service import Service

_log = logging.getLogger(__name__)

STATE_PATH = "/-/state"
_SERVER = "base_url"
_ANSWER_WITHIN_SECONDS = 2.0
_MAX_ANSWER_BYTES = 2**20


class PolledOperation(msgspec.Struct):
    """An operation that an exporter polls, and the key of the lease that it takes for that."""

    name: str
    base_url: str
    lease: str


class StateAnswer(msgspec.Struct):
    """Which state an exporter uses, who runs it, and what it polls of the servers that were asked about.

    `identity` is "" while the state cannot be used; `state` says the same place for people.
    """

    state: str
    identity: str
    user: str
    config_file: str
    operations: list[PolledOperation]


def state_page(store: Store, state: str, config_file: Path | None, service: "Service") -> LocalPage:
    """Return the page that tells commands on this machine which state an exporter uses, at `STATE_PATH`.

    `state` says its place for people.
    """
    # A path may be no text.
    where = "" if config_file is None else os.fsencode(config_file.absolute()).decode(errors="replace")
    user = user_name(os.geteuid())

    def answer(request: Request) -> Response:
        servers = set(parse_qs(request.query).get(_SERVER, ()))
        operations = [
            PolledOperation(poller.operation.name, poller.operation.base_url, poller.gate.lease_key)
            for poller in service.pollers
            if poller.operation.base_url in servers
        ]
        found = StateAnswer(state, store.identity, user, where, operations)
        return Response(HTTPStatus.OK, "application/json", (msgspec.json.encode(found),))

    return answer


def state_problems(config: Config, operations: Sequence[Operation], store: ResilientStore) -> Sequence[str]:
    """Return why a command must not call for these operations, as lines for people; none if it may.

    Raises SecretError when a token can no longer be read.
    """
    return [*own_problems(store), *exporter_problems(config, operations, store)]


def own_problems(store: ResilientStore) -> Sequence[str]:
    """Return why the state of a command cannot be used, as lines for people; none if it can."""
    return [] if store.open() else [f"{StateNotShared()}: {store.health().reason}"]


def warn_of_others(config: Config, store: Store, own_ports: Collection[int]) -> None:
    """Log if another exporter on this machine polls the same without sharing the state; waits for nothing.

    `own_ports` are those of this exporter.
    """

    def look() -> None:
        with contextlib.suppress(SecretError):  # it is reported where the token is used
            if problems := exporter_problems(config, config.operations, store, own_ports):
                _log.warning(
                    "another exporter on this machine polls the same operation, and both may call at once: "
                    "stop one of them, or give both the same state.url and the same operations",
                    extra={"problem": problems[0]},
                )

    with contextlib.suppress(RuntimeError):  # no thread can be started: the exporter does without
        threading.Thread(target=look, name="exporters", daemon=True).start()


def exporter_problems(
    config: Config, operations: Sequence[Operation], store: Store, own_ports: Collection[int] = ()
) -> Sequence[str]:
    """Return what keeps this process and the exporters on this machine from sharing their calls, as lines.

    Where its own state cannot be opened, that is any exporter that polls the operations. Raises SecretError.
    """
    known = {_key(operation) for operation in config.operations}
    # An exporter may poll another operation with the same token.
    tokens = {operation.name: operation.token.read() for operation in config.operations}
    sharing: dict[str, list[Operation]] = {}
    for operation in config.operations:
        sharing.setdefault(tokens[operation.name], []).append(operation)
    groups = [(operation, sharing[tokens[operation.name]]) for operation in operations]
    for port, exporter in _answers([one for _, members in groups for one in members], own_ports):
        for operation, members in groups:
            lease = lease_key_of(members)
            same = {_key(other) for other in members}
            for polled in exporter.operations:
                if polled.lease == lease or _key(polled) in same:
                    difference = _difference(config, exporter, polled.lease == lease, store)
                    if difference:
                        about = translated(
                            "the exporter on port {port}, which polls {operation}, {difference}",
                            port=port,
                            operation=polled.name,
                            difference=difference,
                        )
                        return [about, _instead(exporter)]
                elif polled.base_url == operation.base_url and _key(polled) not in known:
                    _log.warning(
                        "an exporter polls the same server under another name; "
                        "if it does so with the same token, use its configuration",
                        extra={"port": port, "operation": polled.name, "config_file": exporter.config_file},
                    )
    return []


def _key(operation: Operation | PolledOperation) -> tuple[str, str]:
    return operation.name, operation.base_url


def _difference(config: Config, exporter: StateAnswer, same_lease: bool, store: Store) -> str:
    """Return what of an exporter is not as in this command, "" where both share state and lease."""
    if not exporter.identity:
        return translated(
            "cannot use its state {state} at present, so that it does not see the calls of others",
            state=exporter.state,
        )
    if not store.identity:
        return translated("uses the state {state}", state=exporter.state)
    if exporter.identity != store.identity:
        return translated(
            "uses another state: {state} instead of {ours}", state=exporter.state, ours=config.state
        )
    if not same_lease:
        return translated("has other operations with the same token in its configuration")
    return ""


def _instead(exporter: StateAnswer) -> str:
    """Return what to do about a difference."""
    if not exporter.config_file:
        return translated("stop that exporter first")
    if not exporter.identity:
        return translated("see to the state of that exporter first; its log says what is wrong with it")
    return translated(
        "run this command as user {user} with --config.file={file}, or name the state of that exporter in "
        "state.url; an exporter whose state.url has changed uses the new one after a restart",
        user=exporter.user,
        file=exporter.config_file,
    )


def _answers(
    operations: Sequence[Operation], own_ports: Collection[int]
) -> Iterator[tuple[int, StateAnswer]]:
    """Yield what each other exporter on this machine tells, by its port; who tells nothing is left out."""
    servers = {operation.base_url for operation in operations}
    path = f"{STATE_PATH}?{urlencode([(_SERVER, server) for server in sorted(servers)])}"
    for port in ports(PROGRAM):
        if port in own_ports:
            continue
        connection = ProbeConnection(PROGRAM, port, _ANSWER_WITHIN_SECONDS)
        try:
            body = call_within(_ANSWER_WITHIN_SECONDS, lambda: _body(connection, path), "exporter")  # noqa: B023
            yield port, msgspec.json.decode(body, type=StateAnswer)
        except (OSError, HTTPException, ThreadError, msgspec.MsgspecError, UnicodeError) as error:
            # It hangs, or is of another version or none of ours: no reason to do without the command.
            _log.warning(
                "an exporter on this machine does not say which state it uses; "
                "if it is another one, calls may be made at the same time",
                extra={"port": port, "error": type(error).__name__},
            )


def _body(connection: ProbeConnection, path: str) -> bytes:
    try:
        connection.request("GET", path)
        return connection.getresponse().read(_MAX_ANSWER_BYTES)
    finally:
        connection.close()
