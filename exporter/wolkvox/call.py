"""What a request asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Call:
    """One request: `path` below /api/v2/ and the query (not in its repr: it may be personal)."""

    path: str
    query: Mapping[str, str] = field(repr=False)
