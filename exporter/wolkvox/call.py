"""What a request asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from exporter.wolkvox.row_splitter import Decode, decode_rows


@dataclass(frozen=True)
class Call:
    """One request: `path` below /api/v2/ and the query (not in its repr: it may be personal).

    `decode` reads an array of its rows, where the reader wants them as more than JSON; see RowSplitter.
    `personal` are texts of the query that name a person: wolkvox's words are repeated without them.
    """

    path: str
    query: Mapping[str, str] = field(repr=False)
    decode: Decode = field(default=decode_rows, repr=False, compare=False)
    personal: tuple[str, ...] = field(default=(), repr=False)
