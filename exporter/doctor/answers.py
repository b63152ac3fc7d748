"""What one call was answered, read as polls read it, and what is noticed about it. Pure."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import cast

from exporter.apis import BY_NAME, Api, PollContext, RowReader
from exporter.capture import Exchange
from exporter.clock import Moment
from exporter.config import Operation
from exporter.doctor.forms import FieldForms, form
from exporter.doctor.model import Check, Grade
from exporter.doctor.recording import replayed
from exporter.snapshot import Listing
from exporter.wolkvox import Answer, Cause, Client, RequestFailed
from exporter.wolkvox.row_splitter import decode_document, decode_rows

_MAX_FIELDS = 10
"""Fields that are named in one line."""
_MAX_KEPT_ROWS = 100
_MAX_CODE_CHARACTERS = 20
_SLOW_SECONDS = 10.0
"""Answers of an operation of common size take about a second."""
_SEND = (
    "please send us what `doctor --capture` writes, so that the exporter learns it: see docs/first-hour.md"
)

ADVICE: Mapping[Cause, str] = {
    Cause.AUTH: "check the token in wolkvox Manager: it must be one of this operation and not expired, and "
    "the file or the variable must hold it alone",
    Cause.QUOTA: "the operation's calls of today are used up, whoever made the calls: try again tomorrow, "
    "and find out who else calls the API",
    Cause.CONCURRENCY: "another program calls with this token at this moment: give the exporter a token of "
    "its own",
    Cause.FORBIDDEN: "during a backup or maintenance try again later; else ask wolkvox for the permission, "
    "or switch the API off under `apis`",
    Cause.TIMEOUT: "wolkvox did not answer in time; try again, and at another hour",
    Cause.CONNECTION: "check `server` or `base_url`, and that this machine may connect to it: port 443 "
    "unless `base_url` has another",
    Cause.TLS: "check `server` or `base_url`, and this machine's clock; where a proxy or a firewall decrypts "
    "TLS, see docs/network.md",
    Cause.HTTP_STATUS: "wolkvox, or something on the way to it, is out of order: try again in some minutes",
    Cause.REDIRECT: "check `server` or `base_url`: wolkvox itself does not redirect",
    Cause.TOO_LARGE: "of a report ask for fewer campaigns; of anything else please tell us",
    Cause.DECODE: "this is no answer of wolkvox's API, or not all of one: check `server` or "
    "`base_url`, and whether a proxy or a login page stands in the way",
    Cause.SHAPE: f"the answer is JSON, but not as documented; {_SEND}",
}
"""What to do when a call has failed, by cause."""
_NOT_FOUND_ADVICE = (
    "wolkvox answers so where a server lacks an API: if it is always so, switch the API off under `apis`; "
    "if it is so of every API, check `server` or `base_url`"
)
_BROKEN_OFF_ADVICE = (
    "the answer had begun when the connection ended: try again; if it is always so, ask who runs the proxy "
    "or the firewall on the way"
)


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """One call's outcome.

    `answer` is None where the call failed, then `failure` says why. `reader` has read the rows, and `fields`
    how they are written; `shape` says in what they came; `rows` are the first of them that are objects.
    """

    api: Api
    exchange: Exchange
    reader: RowReader
    fields: FieldForms
    answer: Answer | None = None
    failure: RequestFailed | None = None
    shape: str = ""
    rows: Sequence[Mapping[str, object]] = field(default=())

    @property
    def listing(self) -> Listing | None:
        """The answer as polls keep it, None of a failure."""
        at = Moment(self.exchange.at, self.exchange.at)
        return None if self.answer is None else Listing(at, self.reader.rows())


def read_again(operation: Operation, kept: Exchange) -> ReadAnswer:
    """Return what a call was answered that was made for an operation."""
    api = BY_NAME[kept.api]
    context = PollContext(
        datetime.fromtimestamp(kept.at, operation.timezone),
        campaign_id=kept.campaign_id,
        options=operation.apis[api.name].options,
    )
    reader = api.reader(context)
    fields = FieldForms({one.name: one.content for one in api.vendor_fields})
    rows: list[Mapping[str, object]] = []

    def sink(batch: list[object]) -> None:
        reader.add(batch)
        fields.add(batch)
        rows.extend(row for row in batch[: _MAX_KEPT_ROWS - len(rows)] if isinstance(row, Mapping))

    client = Client(operation.base_url, exchange=lambda *_a, **_k: replayed(kept))
    read = ReadAnswer(api, kept, reader, fields, rows=rows)
    try:
        # As JSON gives them: an API's own decoding leaves out what it does not need.
        answer = client.fetch(replace(api.call(context), decode=decode_rows), "kept", sink)
        api.check(answer, reader)
    except RequestFailed as failure:
        return replace(read, failure=failure)
    return replace(read, answer=answer, shape=_shape(kept.body))


def _shape(body: bytes) -> str:
    """Return in what the rows of a good answer came."""
    try:
        document = decode_document(body.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return ""
    if not isinstance(document, dict):
        return "a bare list"
    found = cast("dict[str, object]", document)
    code = found.get("code")
    shown = f'"{code}"' if isinstance(code, str) else str(code).lower() if code is not None else "null"
    what = "without data"
    if "data" in found:
        what = "and a list under data" if isinstance(found["data"], list) else "and an object under data"
    return f"an object with code {shown[:_MAX_CODE_CHARACTERS]} {what}"


def checks_of(read: ReadAnswer, *, campaigns_known: bool = False) -> Iterator[Check]:
    """Yield what is noticed about an answer: the call itself first.

    `campaigns_known` is whether another answer lists campaigns.
    """
    subject = read.api.name
    assert read.answer is not None  # noqa: S101 - for the type checker: the caller has looked
    left_out = read.exchange.rows_left_out
    came = f"{read.answer} after {read.exchange.seconds:.1f} s: {_rows(read.answer.rows + left_out)}"
    if read.answer.rows:
        some = f", of which the first {read.answer.rows:,} are looked at" if left_out else ""
        yield Check(Grade.GOOD, subject, f"{came}, in {read.shape}{some}")
    else:
        yield Check(Grade.ODD, subject, came, _nothing(read.api, campaigns_known=campaigns_known))
    if read.exchange.seconds >= _SLOW_SECONDS:
        slow = f"the answer took {read.exchange.seconds:.0f} s, and calls end after 60 s"
        yield Check(Grade.ODD, subject, slow, "try at another hour; of a report ask for fewer campaigns")
    yield from _fields(read)
    yield from _unreadable(read)
    if read.reader.discarded:
        left = ", ".join(f"{count} for {reason}" for reason, count in read.reader.discarded.items())
        yield Check(Grade.ODD, subject, f"rows left out: {left}", _SEND)


def failed_check(read: ReadAnswer) -> Check:
    """Return what is said of a call that has failed."""
    failure = read.failure
    assert failure is not None  # noqa: S101 - for the type checker: the caller has looked
    return Check(Grade.WRONG, read.api.name, f"{failure.cause}: {failure.detail}", advice_for(failure))


def advice_for(failure: RequestFailed) -> str:
    """Return what to do about a failure."""
    if failure.hint:
        return failure.hint
    if failure.cause is Cause.HTTP_STATUS and failure.http_status == HTTPStatus.NOT_FOUND:
        return _NOT_FOUND_ADVICE
    if failure.cause is Cause.CONNECTION and failure.http_status is not None:
        return _BROKEN_OFF_ADVICE
    return ADVICE[failure.cause]


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _nothing(api: Api, *, campaigns_known: bool) -> str:
    if api.lists_campaigns and campaigns_known:
        return "another list has campaigns: wolkvox answers so, too, where an API is out of order; look again"
    if api.lists_campaigns:
        return "the operation has no campaign, or the token may not see them: compare with wolkvox Manager"
    return "wolkvox says so too where it has no data yet, and where a server lacks an API: look again later"


def _fields(read: ReadAnswer) -> Iterator[Check]:
    documented = [one.name for one in read.api.vendor_fields]
    if missing := read.fields.missing(documented):
        # Of an API of which fields alone are known, one may well be of another edition.
        advice = f"what is read of them will be absent; {_SEND}"
        yield Check(Grade.ODD, read.api.name, f"documented, but not sent: {_named(missing)}", advice)
    beyond = read.fields.beyond(documented)
    if beyond:
        grade = Grade.GOOD if read.api.more_fields else Grade.ODD
        yield Check(
            grade,
            read.api.name,
            f"sent, but not documented: {_named(beyond)}",
            "" if read.api.more_fields else _SEND,
        )


def _named(names: Sequence[str]) -> str:
    return some_of([_field_name(name) for name in names], _MAX_FIELDS)


def some_of(texts: Sequence[str], most: int) -> str:
    """Return so many of some texts as a list at most, and how many more there are."""
    shown = ", ".join(texts[:most])
    return shown if len(texts) <= most else f"{shown} and {len(texts) - most} more"


def _field_name(name: str) -> str:
    """Return the name of a field; of one that looks like no field only how it is written."""
    return name if name.isascii() and name.replace("_", "").replace("/", "").islower() else f"`{form(name)}`"


def _example(literal: str) -> str:
    """Return how the value of a literal of Python's is written; nothing of one that is cut off."""
    try:
        return f", written `{form(ast.literal_eval(literal))}`"
    except (ValueError, SyntaxError):
        return ""


def _unreadable(read: ReadAnswer) -> Iterator[Check]:
    """Yield which fields cannot be read in any row, and which in some."""
    found: dict[Grade, list[str]] = {Grade.WRONG: [], Grade.ODD: []}
    for one in read.reader.unreadable:
        counts: Mapping[str, int] = read.fields.forms.get(one.field, {})
        every = one.count >= sum(counts.values()) > 0
        example = _example(one.example)
        texts = found[Grade.WRONG if every else Grade.ODD]
        verb = "" if texts else "cannot be read "
        texts.append(f"{one.field} {verb}in {_rows(one.count)}{example}")
    for grade, texts in found.items():
        if texts:
            more = f"; {len(texts) - _MAX_FIELDS} more" if len(texts) > _MAX_FIELDS else ""
            text = "; ".join(texts[:_MAX_FIELDS]) + more
            yield Check(grade, read.api.name, text, f"there it will have no figure; {_SEND}")
