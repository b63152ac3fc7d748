"""What an API of wolkvox is to the exporter: one entry of the table in `exporter.apis`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from http import HTTPStatus
from typing import Any, Protocol

from exporter.clock import day_of
from exporter.evidence import Evidence, VendorField
from exporter.families import SCOPE_LABELS, Column, Family, Scope, Value
from exporter.settings.keys import Key
from exporter.snapshot.model import Listing, Row, Tally
from exporter.snapshot.records import RowShape
from exporter.wolkvox import Answer, Call, Cause, RequestFailed
from exporter.wolkvox.row_splitter import Decode, decode_rows


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The present but unreadable values of one field in one answer; `example` is the first of them."""

    field: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that an answer tells has happened, for the log: what, and the values that go with it."""

    text: str
    values: Mapping[str, object]


class RowReader(Protocol):
    """Takes the rows of one answer in batches, as they arrive, and says what in them could not be used."""

    def add(self, rows: Sequence[object]) -> None:
        """Read a batch of rows as JSON gave them, or as the API's `decode` made them; never raises."""
        ...  # pragma: no cover

    def rows(self) -> tuple[Row, ...]:
        """Return what was read so far."""
        ...  # pragma: no cover

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The present but unreadable values so far, one entry a field."""
        ...  # pragma: no cover

    @property
    def discarded(self) -> Tally:
        """The rows that were not used so far, by reason."""
        ...  # pragma: no cover

    @property
    def events(self) -> Sequence[Event]:
        """What has happened by the rows so far."""
        ...  # pragma: no cover

    @property
    def notes(self) -> Mapping[str, str]:
        """The notes of the answer, as in Listing."""
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True)
class PollContext:
    """What one poll of an API knows.

    `now` is the time on the operation's clock; `campaign_id` is the campaign that is asked for, "" of an API
    that is not asked by campaign, and of the operation as a whole. `selects` says by id and name whether the
    operator wants a campaign; `names` are the clean names by id so far; `before` is the API's last answer.
    """

    now: datetime
    campaign_id: str = ""
    selects: Callable[[str, str], bool] = lambda _campaign_id, _name: True
    names: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    before: Listing | None = None

    @property
    def zone(self) -> tzinfo:
        """The operation's time zone."""
        assert self.now.tzinfo is not None  # noqa: S101 - for the type checker
        return self.now.tzinfo

    @property
    def day(self) -> tuple[datetime, datetime]:
        """Local midnight before now, and the one after."""
        return day_of(self.now.timestamp(), self.zone)


@dataclass(frozen=True, slots=True, eq=False)
class Api:
    """One API of wolkvox that is polled.

    `path` and `vendor_name` name it in the vendor's URL, and `query` gives the parameters beside `api`.
    `enabled` and `interval` (seconds) hold unless the configuration says otherwise; `options` are keys of the
    configuration that this API alone has. `reader` makes the reader of one answer, `columns` are the values
    of a row, in their order, and `about` is what a row is about. `lists_campaigns` says that its answer lists
    the campaigns; `by_campaign`, that each campaign that dialled today is asked for by itself, once an
    interval, and that the figures count from local midnight; `and_whole`, that the operation is asked for
    too, as a campaign "". `about_people` says that a row is about a person or a telephone. `always_has_rows`
    says that wolkvox has something to tell at all times, so that an answer without rows is a failure;
    `vital`, that it may use whatever room the day's budget has left. `title` is its name on the status page
    by language, `identity` what an example row has in the fields that say what the row is about. `evidence`
    is what the shape of its answers rests on, and `source` says where that was found. `vendor_fields` are the
    fields of a row that are known, and `more_fields` says that the vendor names some of them only.
    """

    name: str
    path: str
    vendor_name: str
    title: Mapping[str, str]
    description: str
    enabled: bool
    interval: float
    columns: tuple[Column, ...]
    reader: Callable[[PollContext], RowReader]
    families: tuple[Family, ...] = ()
    about: Scope = Scope.OPERATION
    lists_campaigns: bool = False
    by_campaign: bool = False
    and_whole: bool = False
    about_people: bool = False
    always_has_rows: bool = False
    vital: bool = False
    query: Callable[[PollContext], Mapping[str, str]] = lambda _context: {}
    decode: Decode = decode_rows
    options: tuple[Key[Any], ...] = ()
    identity: Mapping[str, object] = field(default_factory=dict)
    evidence: Evidence = Evidence.ASSUMED
    source: str = ""
    vendor_fields: tuple[VendorField, ...] = ()
    more_fields: bool = False
    places: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Note where the value of each field stands in a row: the first where two columns read one field."""
        fields = [one.field for one in self.columns]
        object.__setattr__(self, "places", {name: fields.index(name) for name in fields})

    def call(self, context: PollContext) -> Call:
        """Return the request of one poll."""
        return Call(self.path, {"api": self.vendor_name, **self.query(context)}, self.decode)

    def check(self, answer: Answer, reader: RowReader) -> None:
        """Raise RequestFailed when no row of an answer can be used, or none came where there always is one.

        `reader` has read its rows.
        """
        if answer.rows and reader.discarded.get("shape", 0) >= answer.rows:
            raise RequestFailed(Cause.SHAPE, "no row has the expected shape", http_status=answer.http_status)
        if self.always_has_rows and not answer.rows:
            cause = Cause.SHAPE if answer.http_status == HTTPStatus.OK else Cause.HTTP_STATUS
            raise RequestFailed(cause, f"{answer}, and no row", http_status=answer.http_status)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields whose unreadable values are counted: those that a column reads alone."""
        alone = (one.field for one in self.columns if len(one.fields) == 1)
        return tuple(name for name in dict.fromkeys(alone) if name not in self.identity)

    @property
    def example(self) -> Mapping[str, object]:
        """A row as wolkvox writes it, made of the columns' examples."""
        texts = (zip(one.fields, one.example[0], strict=True) for one in self.columns)
        return {**self.identity, **{name: text for pairs in texts for name, text in pairs}}

    @property
    def column_names(self) -> tuple[str, ...]:
        """What each value of a row means, told apart also where two families read one field."""
        families = {one: family.name for family in self.families for one in family.columns}
        return tuple(" ".join((families.get(one, ""), one.field, *one.labels)) for one in self.columns)

    @property
    def row_shape(self) -> RowShape:
        """What the rows of its answers are like, as they are stored."""
        figures = [one.example[1] for one in self.columns]
        value_labels = [len(next(iter(f))) if isinstance(f, Mapping) else 0 for f in figures]
        return RowShape(
            self.column_names, len(SCOPE_LABELS[self.about]) - 1, tuple(value_labels), self.by_campaign
        )

    def value(self, row: Row, name: str) -> Value | None:
        """Return what a row holds for the vendor's field `name`; KeyError when no column reads it."""
        return row.values[self.places[name]]
