"""What a user may write in config.yaml: keys, types and limits, one model for each mapping of the file."""

import re
from collections.abc import Callable
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    WrapValidator,
    field_validator,
)

from exporter.config.durations import format_duration, parse_duration
from exporter.config.secrets import Secret, SecretError
from exporter.endpoint import Endpoint
from exporter.schedules import PRESETS, Calendar, Preset, Window, moment_text, overlap, parse_window

VENDOR_INTERVAL = 300.0
"""The vendor advises one call every 5 minutes (page "Real time reporting of campaigns")."""

VENDOR_HOST = "https://wv{server}.wolkvox.com"


def _duration(raw: object) -> float:
    if not isinstance(raw, str):
        raise ValueError("a duration such as 90s, 5m or 1h30m is expected")  # noqa: TRY004 - pydantic gathers it
    seconds = parse_duration(raw)
    if seconds <= 0:
        raise ValueError("a duration over 0 is expected")
    return seconds


def _pattern(raw: object) -> re.Pattern[str]:
    if not isinstance(raw, str):
        raise ValueError("a regular expression is expected: put it in quotes")  # noqa: TRY004 - as above
    try:
        # A name may hold line breaks, and ".*" is meant to match all names.
        return re.compile(raw, re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from None


def _zone(raw: object) -> ZoneInfo:
    if not isinstance(raw, str):
        raise ValueError("a time zone such as America/Bogota is expected")  # noqa: TRY004 - as above
    try:
        return ZoneInfo(raw)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"unknown time zone {raw!r}") from None


def _name(raw: str) -> str:
    if raw != raw.strip() or not raw.isprintable():
        raise ValueError("a name without blanks at its ends and without control characters is expected")
    return raw


def _base_url(raw: str) -> str:
    try:
        url = urlsplit(raw)
        host, port = url.hostname, url.port
    except ValueError as error:
        raise ValueError(f"not an address: {error}") from None
    if not host or url.scheme not in {"http", "https"} or not raw.isascii() or not raw.isprintable():
        raise ValueError("an address such as https://wv0042.wolkvox.com is expected")
    if url.username is not None or url.query or url.fragment or " " in raw or port == 0:
        raise ValueError("an address without user, query, fragment or blanks is expected")
    if url.scheme == "http" and not is_loopback(host):
        raise ValueError("http would send the token in the clear: https is expected (http only for loopback)")
    return raw.rstrip("/")


def is_loopback(host: str | None) -> bool:
    """Tell whether a host name or address is this machine's loopback (RFC 6761, section 6.3; RFC 6890)."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _window(raw: object) -> Window:
    if not isinstance(raw, str):
        raise ValueError("a window such as 'Mon-Fri 08:00-12:00' is expected")  # noqa: TRY004 - as above
    if raw in PRESETS:
        raise ValueError(f"the preset {raw} stands alone, without a list, and only as permitted")
    return parse_window(raw)


def _windows(raw: object, read: Callable[[object], list[Window]]) -> list[Window]:
    windows = read(raw)
    twice = overlap(windows)
    if twice is not None:
        later, before = (windows[index].text for index in twice)
        raise ValueError(f"{later!r} overlaps {before!r}")
    return windows


def _permitted(raw: object, read: Callable[[object], list[Window]]) -> list[Window] | Preset:
    if not isinstance(raw, str):
        return _windows(raw, read)
    if raw not in PRESETS:
        raise ValueError(f"unknown preset {raw!r}: a list of windows, or {', '.join(PRESETS)}, is expected")
    return PRESETS[raw]


def _calendar(raw: object) -> Calendar:
    if not isinstance(raw, str):
        # Norway's NO is a boolean to YAML.
        raise ValueError('a country code in quotes, such as "CO", is expected')  # noqa: TRY004 - as above
    return Calendar.of(raw)


def _date(raw: object) -> date:
    # YAML has dates of its own; a date with a time is another type below date.
    if type(raw) is date:
        return raw
    try:
        return date.fromisoformat(raw if isinstance(raw, str) else "")
    except ValueError:
        raise ValueError("a date such as 2026-12-24 is expected") from None


Duration = Annotated[float, BeforeValidator(_duration)]
Pattern = Annotated[re.Pattern[str], BeforeValidator(_pattern)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_name)]
BaseUrl = Annotated[str, Field(max_length=2000), AfterValidator(_base_url)]
Windows = Annotated[list[Annotated[Window, BeforeValidator(_window)]], WrapValidator(_windows)]
Permitted = Annotated[list[Annotated[Window, BeforeValidator(_window)]], WrapValidator(_permitted)]
Holidays = Annotated[Calendar, BeforeValidator(_calendar)]
Date = Annotated[date, BeforeValidator(_date)]
Server = Annotated[str, Field(pattern=r"^[0-9]{4}$")]


def _notes(info: ValidationInfo) -> dict[str, Any]:
    """Return what validators of one operation tell each other: `folder`, and `loopback` for its endpoints."""
    notes: dict[str, Any] = info.context if isinstance(info.context, dict) else {}
    return notes


class _Mapping(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True, validate_default=True
    )


class EndpointSchema(_Mapping):
    """One entry of `endpoints`."""

    enabled: bool = True
    interval: Duration = Field(default="5m", validate_default=True)
    max_age: Duration | None = None

    @field_validator("interval")
    @classmethod
    def _kind_to_the_vendor(cls, interval: float, info: ValidationInfo) -> float:
        if interval < VENDOR_INTERVAL and not _notes(info).get("loopback"):
            raise ValueError(
                "under 5m is refused, because the vendor asks for one call every 5 minutes "
                "(allowed for a loopback base_url)"
            )
        return interval

    @field_validator("max_age")
    @classmethod
    def _not_under_the_interval(cls, max_age: float | None, info: ValidationInfo) -> float | None:
        interval = info.data.get("interval")
        if max_age is not None and interval is not None and max_age < interval:
            raise ValueError(f"must not be under the interval, {format_duration(interval)}")
        return max_age


class TokenInfoSchema(EndpointSchema):
    """The entry `token_info`."""

    interval: Duration = Field(default="1h", validate_default=True)


class MachineCodesSchema(EndpointSchema):
    """The entry `machine_codes`."""

    enabled: bool = False
    interval: Duration = Field(default="1h", validate_default=True)
    unreachable_after: int = Field(default=3, ge=1)


class EndpointsSchema(_Mapping):
    """The mapping `endpoints`."""

    real_time: EndpointSchema = EndpointSchema()
    information: EndpointSchema = EndpointSchema()
    token_info: TokenInfoSchema = TokenInfoSchema()
    machine_codes: MachineCodesSchema = MachineCodesSchema()

    def of(self, endpoint: Endpoint) -> EndpointSchema:
        """Return the entry of an endpoint."""
        entry: EndpointSchema = getattr(self, endpoint.value)
        return entry


class CampaignsSchema(_Mapping):
    """The mapping `campaigns`."""

    include: list[Pattern] = Field(default=[".*"], validate_default=True)
    exclude: list[Pattern] = []
    limit: int = Field(default=2000, ge=1)


class ScheduleSchema(_Mapping):
    """One entry of `schedules`."""

    campaigns: list[Pattern] = Field(min_length=1)
    permitted: Permitted | None = None
    expected: Windows | None = None
    holidays: Holidays | None = Field(default=None, validate_default=True)
    except_dates: list[Date] = []

    @field_validator("expected")
    @classmethod
    def _not_outside_what_is_permitted(
        cls, expected: list[Window] | None, info: ValidationInfo
    ) -> list[Window] | None:
        permitted = info.data.get("permitted")
        windows = permitted.windows if isinstance(permitted, Preset) else permitted
        if windows is None:
            return expected
        open_minutes = 0
        for window in windows:
            open_minutes |= window.minutes()
        for window in expected or ():
            outside = window.minutes() & ~open_minutes
            if outside:
                since = moment_text(outside)
                raise ValueError(f"{window.text!r} is expected but not permitted from {since} on")
        return expected

    @field_validator("holidays")
    @classmethod
    def _of_the_preset(cls, holidays: Calendar | None, info: ValidationInfo) -> Calendar | None:
        permitted = info.data.get("permitted")
        if not isinstance(permitted, Preset):
            return holidays
        if holidays is not None and holidays.code != permitted.holidays:
            raise ValueError(f"{permitted.name} brings the holidays of {permitted.holidays}")
        return Calendar(permitted.holidays)


class OperationSchema(_Mapping):
    """One entry of `operations`.

    The order of the fields matters: a field's validator sees the fields before it.
    """

    server: Server | None = Field(default=None, validate_default=True)
    base_url: BaseUrl | None = Field(default=None, validate_default=True)
    name: Name | None = None
    token_file: Path | None = Field(default=None, strict=False)
    token_env: str | None = None
    token: SecretStr | None = Field(default=None, validate_default=True)
    licences: int | None = Field(default=None, ge=1, le=1_000_000)
    timezone: Zone = Field(default="America/Bogota", validate_default=True)
    quota_reserve: float = Field(default=0.5, ge=0, lt=1)
    endpoints: EndpointsSchema = EndpointsSchema()
    campaigns: CampaignsSchema = CampaignsSchema()
    schedules: list[ScheduleSchema] = []

    @field_validator("server", mode="before")
    @classmethod
    def _next_operation(cls, server: object, info: ValidationInfo) -> object:
        _notes(info)["loopback"] = False
        return server

    @field_validator("base_url")
    @classmethod
    def _server_or_base_url(cls, base_url: str | None, info: ValidationInfo) -> str | None:
        _notes(info)["loopback"] = base_url is not None and is_loopback(urlsplit(base_url).hostname)
        if "server" in info.data and (base_url is None) == (info.data["server"] is None):
            raise ValueError("exactly one of server and base_url is expected")
        return base_url

    @field_validator("token")
    @classmethod
    def _exactly_one_readable_token(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if "token_file" not in info.data or "token_env" not in info.data:
            return token
        given = [info.data["token_file"], info.data["token_env"], token]
        if sum(source is not None for source in given) != 1:
            raise ValueError("exactly one of token_file, token_env and token is expected")
        folder = _notes(info).get("folder", Path())
        try:
            secret_of(info.data["token_file"], info.data["token_env"], token, folder).read()
        except SecretError as error:
            raise ValueError(str(error)) from None
        return token

    def address(self) -> str:
        """Return the base URL, given or made from the server's number."""
        return self.base_url or VENDOR_HOST.format(server=self.server)


class ConfigSchema(_Mapping):
    """The whole file."""

    operations: list[OperationSchema] = Field(min_length=1)
    max_age: Duration | None = None


def secret_of(file: Path | None, env: str | None, text: SecretStr | None, folder: Path) -> Secret:
    """Return where a token comes from; a relative file stands in `folder`, that of the configuration."""
    return Secret(
        text=None if text is None else text.get_secret_value(),
        env=env,
        file=None if file is None else folder / file,
    )


def label_of(name: str | None, server: str | None, base_url: str | None) -> str | None:
    """Return the name of an operation, given or made from the server or the host; None without either.

    Raises ValueError when the address is none.
    """
    if name is not None:
        return name
    if server is not None:
        return f"wv{server}"
    return urlsplit(base_url).hostname if base_url is not None else None
