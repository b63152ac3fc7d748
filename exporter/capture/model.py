"""What a capture holds: what the configuration says, what was found beside the answers, and the answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from exporter import __version__
from exporter.wolkvox import Cause


class CaptureError(Exception):
    """A capture cannot be read or written; the message is one line for people, and names the file."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call brought no answer, as RequestFailed has it."""

    cause: Cause
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call of an API, and what came of it: an answer (`status` and `body`) or a failure.

    `operation` and `api` are names; `campaign_id` is "" of an API that is not asked by campaign, and of the
    operation as a whole. `at` is when the call began and `date` the vendor's clock by the answer's header
    Date, both in Unix time; `seconds` is how long it took, and `tls` the protocol's version, "" without TLS.
    Of the answer's body `rows_left_out` rows are missing at the end of its list, and its end where it is
    `cut`.
    """

    operation: str
    api: str
    campaign_id: str
    at: float
    seconds: float
    status: int | None = None
    date: float | None = None
    tls: str = ""
    body: bytes = field(default=b"", repr=False)
    failure: Failure | None = None
    rows_left_out: int = 0
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """Answers of wolkvox, with what is needed to read them once more.

    `config` is a mapping as config.yaml may have it, without tokens; `facts` are JSON values by operation.
    `exporter` is the version that made it, and `origin` says in a few words where its answers come from.
    `changed_figures` is how many different figures are not as they came, as they had the digits of something
    that may not be told.
    """

    config: Mapping[str, object]
    facts: Mapping[str, Mapping[str, object]]
    exchanges: tuple[Exchange, ...]
    origin: str = ""
    changed_figures: int = 0
    exporter: str = __version__
