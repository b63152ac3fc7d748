"""The open connections of a server, and which of them are closed to make room for others."""

import asyncio
import contextlib
import socket
from enum import Enum, auto
from operator import itemgetter

_CLOSED_WITHIN_SECONDS = 1.0
_CLOSED_RATIO = 1 / 16
"""How many of the connections are closed at once to make room."""
_SENDING_SECONDS = 1.0
"""For how long a response may be stuck before it can have to make room for another."""


class Phase(Enum):
    """What a connection is busy with.

    `NEW` lasts until the server has looked for a first request, and includes the TLS handshake; `ANSWERING`
    is while the server works. In all others it waits for the client: in `CONNECTED` for the first request,
    in `IDLE` for a further one.
    """

    NEW = auto()
    CONNECTED = auto()
    IDLE = auto()
    RECEIVING = auto()
    ANSWERING = auto()
    SENDING = auto()


_WAITING = (Phase.CONNECTED, Phase.IDLE, Phase.RECEIVING, Phase.SENDING)


class Connections:
    """The open connections, each served by a task: at most `limit` of them.

    Of those in SENDING, no more than `sending` stay that do not get on.
    """

    def __init__(self, limit: int, sending: int) -> None:
        self._limit = limit
        self._sending = sending
        self._sockets: dict[asyncio.Task[None], socket.socket] = {}
        # A connection that is being closed has no phase, so that it is not chosen once more.
        self._phases: dict[asyncio.Task[None], Phase] = {}
        # Of each phase, when its connections entered it or got on last: the first waits for longest.
        self._orders: dict[Phase, dict[asyncio.Task[None], float]] = {phase: {} for phase in Phase}

    def __len__(self) -> int:
        """Return how many connections are open, those included that are being closed."""
        return len(self._sockets)

    def add(self, task: asyncio.Task[None], client: socket.socket) -> None:
        """Add a connection, until the task ends that serves it and closes it."""
        self._sockets[task] = client
        self._move(task, Phase.NEW)
        task.add_done_callback(self._forget)

    def enter(self, phase: Phase) -> None:
        """Note that the connection of the running task enters a phase, or gets on in it.

        Raises ConnectionAbortedError if it is being closed.
        """
        task = asyncio.current_task()
        if task is None or task not in self._phases:
            raise ConnectionAbortedError("the connection makes room for another")
        self._move(task, phase)
        sending = self._orders[Phase.SENDING]
        if len(sending) > self._sending:
            slowest, since = next(iter(sending.items()))
            if since < self._orders[phase][task] - _SENDING_SECONDS:
                self._close(slowest)

    @property
    def full(self) -> bool:
        """Whether one more connection would be too many."""
        return len(self) >= self._limit

    async def make_room(self) -> None:
        """Return once there is room for one more connection; until the next await nobody else can take it."""
        while self.full:
            await self.close_some()

    async def close_some(self) -> bool:
        """Close a share of the connections, and return whether there was one to close.

        A share and not just one, because a crowd of new clients would otherwise wait for one another.
        """
        chosen = [task for _ in range(max(int(len(self) * _CLOSED_RATIO), 1)) if (task := self._close_one())]
        closing = chosen or [task for task in self._sockets if task not in self._phases]
        if closing:
            await asyncio.wait(closing, timeout=_CLOSED_WITHIN_SECONDS)
        return bool(closing)

    def _close_one(self) -> asyncio.Task[None] | None:
        """Begin to close the connection whose client has kept the server waiting for longest, and return it.

        If none does, it is the oldest new one, else that which the server has been answering for longest.
        """
        for phases in (_WAITING, (Phase.NEW,), (Phase.ANSWERING,)):
            first = [next(iter(self._orders[phase].items())) for phase in phases if self._orders[phase]]
            if first:
                task, _ = min(first, key=itemgetter(1))
                self._close(task)
                return task
        return None

    def close(self, *phases: Phase) -> None:
        """Close the connections that are in some phases."""
        for phase in phases:
            for task in list(self._orders[phase]):
                self._close(task)

    def cancel(self) -> None:
        """Stop the tasks of all connections."""
        for task in list(self._sockets):
            task.cancel()

    async def end_new(self, timeout: float) -> None:  # noqa: ASYNC109 - a wait, not a deadline
        """Wait for the end of the connections without a request so far, at most for `timeout` seconds."""
        new = [*self._orders[Phase.NEW], *self._orders[Phase.CONNECTED]]
        if new:
            await asyncio.wait(new, timeout=timeout)

    async def end(self, timeout: float) -> None:  # noqa: ASYNC109 - a wait, not a deadline
        """Wait for the end of all connections, at most for `timeout` seconds."""
        if self._sockets:
            await asyncio.wait(self._sockets, timeout=timeout)

    def _close(self, task: asyncio.Task[None]) -> None:
        """Begin to close a connection: its task will end by itself."""
        phase = self._leave(task)
        if phase is Phase.ANSWERING:
            task.cancel()
            return
        # Every wait for the client ends with the socket. The task is not cancelled, because asyncio does not
        # close the socket of a TLS handshake that is cancelled in its first moments.
        with contextlib.suppress(OSError):
            self._sockets[task].shutdown(socket.SHUT_RDWR)

    def _move(self, task: asyncio.Task[None], phase: Phase) -> None:
        self._leave(task)
        self._phases[task] = phase
        self._orders[phase][task] = asyncio.get_running_loop().time()

    def _leave(self, task: asyncio.Task[None]) -> Phase | None:
        phase = self._phases.pop(task, None)
        if phase is not None:
            del self._orders[phase][task]
        return phase

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._leave(task)
        del self._sockets[task]
