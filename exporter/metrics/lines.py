"""Writes the lines of campaigns, thousands at a time, column by column, so that the loops run in C."""

from collections.abc import Iterable, Mapping, Sequence

from exporter.apis import BY_NAME, PLACE
from exporter.families import CAMPAIGN_LABELS, Column, Family, Value
from exporter.judgement import Campaign
from exporter.metrics.text import labels, number

_MAX_LINE_ENDS = 2**15


class _Ends(dict[Value | None, bytes]):
    """The ends of lines by their figures, empty for None; most figures occur many times."""

    def __missing__(self, figure: Value | None) -> bytes:
        if len(self) >= _MAX_LINE_ENDS:
            self.clear()
        # Values with extra labels are not looked up here.
        text = self[figure] = b"" if figure is None else b"} %b\n" % number(figure).encode()  # type: ignore[arg-type]
        return text


_ENDS = _Ends()


class CampaignLines:
    """Writes the lines of campaign families for one set of campaigns.

    `prefixes` are the label pairs of each as text, where they were written before.
    """

    def __init__(self, campaigns: Sequence[Campaign], prefixes: Sequence[bytes] | None = None) -> None:
        self._campaigns = campaigns
        self.prefixes = prefixes or [labels(CAMPAIGN_LABELS, c.labels).encode() for c in campaigns]
        self._fallback = [campaign.fallback for campaign in campaigns]
        self._mixed = any(self._fallback)
        self._columns: dict[str, Sequence[Sequence[Value | None]]] = {}

    def of(self, family: Family) -> bytes:
        """Return the lines of a family, empty when nothing is known."""
        head = f"{family.name}{{".encode()
        if family.labels and not any(column.labels for column in family.columns):
            return self._labelled(family, head)
        columns = [
            (_extra_labels(family, column), list(map(_ENDS.__getitem__, self._values(family, column))))
            for column in family.columns
        ]
        if not all(all(ends) for _, ends in columns):
            return self._sparse(head, columns)
        # head, prefix, end of line, head, prefix, ...: the lines of a campaign follow each other.
        stride = 3 * len(columns)
        parts: list[bytes] = [head] * (stride * len(self.prefixes))
        for index, (extra, ends) in enumerate(columns):
            parts[3 * index + 1 :: stride] = self.prefixes
            parts[3 * index + 2 :: stride] = [extra + end for end in ends] if extra else ends
        return b"".join(parts)

    def _sparse(self, head: bytes, columns: Sequence[tuple[bytes, Sequence[bytes]]]) -> bytes:
        """Return the lines of columns that are not known for every campaign."""
        if not any(any(ends) for _, ends in columns):
            return b""
        return b"".join(
            part
            for row in zip(self.prefixes, *(ends for _, ends in columns), strict=True)
            for end, (extra, _) in zip(row[1:], columns, strict=True)
            if end
            for part in (head, row[0], extra, end)
        )

    def _labelled(self, family: Family, head: bytes) -> bytes:
        """Return the lines of a family whose values have extra labels."""
        (column,) = family.columns
        known: dict[tuple[str, ...], bytes] = {}
        parts: list[bytes] = []
        for prefix, value in zip(self.prefixes, self._values(family, column), strict=True):
            if not isinstance(value, Mapping):
                continue
            for extra, figure in value.items():
                text = known.get(extra)
                if text is None:
                    text = known[extra] = f",{labels(family.labels, extra)}".encode()
                parts += (head, prefix, text, _ENDS[figure])
        return b"".join(parts)

    def _values(self, family: Family, column: Column) -> Sequence[Value | None]:
        """Return a column's value for every campaign, for some of them that of the family's fallback."""
        values = self._column(column)
        if family.fallback is None or not self._mixed:
            return values
        others = self._column(family.fallback)
        rows = zip(self._fallback, values, others, strict=True)
        return [other if fallback else value for fallback, value, other in rows]

    def _column(self, column: Column) -> Sequence[Value | None]:
        api = column.api
        columns = self._columns.get(api)
        if columns is None:
            unknown = (None,) * len(BY_NAME[api].columns)
            rows: Iterable[Sequence[Value | None]] = (
                campaign.values.get(api) or unknown for campaign in self._campaigns
            )
            columns = self._columns[api] = list(zip(*rows, strict=True)) or [()] * len(unknown)
        return columns[PLACE[column]]


def _extra_labels(family: Family, column: Column) -> bytes:
    """Return the extra labels of a column, as they follow those of the campaign."""
    return f",{labels(family.labels, column.labels)}".encode() if column.labels else b""
