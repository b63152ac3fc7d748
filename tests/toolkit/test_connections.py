"""The order in which connections are closed, on real sockets, against a model of a few lines."""

import asyncio
import socket
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.toolkit.connections import Connections, Phase

WAITING = (Phase.CONNECTED, Phase.IDLE, Phase.RECEIVING, Phase.SENDING)
LIMIT = 5


class Peer:
    """A connection whose client chooses its phases."""

    def __init__(self, connections: Connections) -> None:
        self._client, self._socket = socket.socketpair()
        for end in (self._client, self._socket):
            end.setblocking(False)
        self._connections = connections
        self._entered = asyncio.Queue[Phase]()
        self.phase = Phase.NEW
        self.task = asyncio.create_task(self._serve())
        connections.add(self.task, self._socket)

    async def _serve(self) -> None:
        with self._socket, self._client:
            while word := await asyncio.get_running_loop().sock_recv(self._socket, 1):
                self._connections.enter(Phase(word[0]))
                self._entered.put_nowait(Phase(word[0]))

    async def enter(self, phase: Phase) -> None:
        self._client.send(bytes([phase.value]))
        self.phase = await self._entered.get()


def first(order: Sequence[Peer]) -> Peer:
    """Return the one that is to be closed; the order is that in which they entered their phases."""
    for phases in (WAITING, (Phase.NEW,), (Phase.ANSWERING,)):
        for peer in order:
            if peer.phase in phases:
                return peer
    raise AssertionError


steps = st.lists(
    st.one_of(st.none(), st.tuples(st.integers(0, LIMIT - 1), st.sampled_from(list(Phase)[1:]))), max_size=30
)


@settings(max_examples=200, deadline=None)
@given(steps)
def test_whoever_is_waited_for_longest_is_closed_first(
    steps: Sequence[tuple[int, Phase] | None],
) -> None:
    async def main() -> None:
        connections, order = Connections(LIMIT, LIMIT), list[Peer]()
        for step in steps:
            if step is None:
                leaves = first(order) if len(order) == LIMIT else None
                await connections.make_room()
                if leaves:
                    order.remove(leaves)
                    assert leaves.task.done()
                assert not any(peer.task.done() for peer in order)
                order.append(Peer(connections))
                await asyncio.sleep(0)  # its task begins
            elif order:
                peer = order.pop(step[0] % len(order))
                await peer.enter(step[1])
                order.append(peer)
            assert len(connections) == len(order) <= LIMIT
        connections.cancel()
        await connections.end(10)
        assert len(connections) == 0

    asyncio.run(main())
