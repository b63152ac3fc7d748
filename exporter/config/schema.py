"""What a user may write in config.yaml: the keys of each mapping, their defaults, and what must agree."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from exporter.apis import APIS, Api
from exporter.config import config_keys
from exporter.config.model import ApiSettings, CampaignFilter, Config, Operation
from exporter.config.schedule_keys import read_schedule
from exporter.config.state import default_state
from exporter.loopback import is_loopback
from exporter.settings.durations import format_duration
from exporter.settings.secrets import Secret, SecretError
from exporter.settings.section import Problem, Section
from exporter.settings.yaml_file import read_mapping, refuse

VENDOR_INTERVAL_SECONDS = 300.0
"""The vendor advises one call every 5 minutes (page "Real time reporting of campaigns")."""

VENDOR_HOST = "https://wv{server}.wolkvox.com"

_MAX_AGE_INTERVALS = 3

_FORMER_KEYS = {"endpoints": "apis"}
_FORMER_APIS = {"real_time": "campaigns", "information": "campaign_settings"}
"""Former keys of an operation and of its `apis`, for the message."""


def load_config(file: Path, *, secrets: bool = True) -> Config:
    """Return the checked configuration of a file; secrets are read too, the network is not touched.

    Without `secrets` those that are not here are no problem. Raises ConfigError with every problem.
    """
    return read_config(read_mapping(file, "operations"), file, secrets=secrets)


def read_config(raw: Mapping[object, object], file: Path, *, secrets: bool = True) -> Config:
    """Return the checked configuration that a mapping of a file holds; otherwise as `load_config`."""
    problems: list[Problem] = []
    config = _read_config(Section(raw, "", problems), file.parent)
    refuse(file, problems, secrets=secrets)
    return config


def _read_config(root: Section, folder: Path) -> Config:
    """Return what the file says; relative files stand in `folder`, that of the configuration."""
    max_age = root.read(config_keys.MAX_AGE)
    entries = root.sections("operations")
    if not entries and root.good("operations"):
        root.note(
            "operations", "at least one operation is expected" if root.given("operations") else "is missing"
        )
    operations = tuple(_operation(entry, max_age, folder) for entry in entries)
    writes = root.section("writes")
    writes_enabled = writes.read(config_keys.WRITES_ENABLED)
    journals = writes.read(config_keys.WRITES_JOURNALS)
    writes.finish()
    state = root.section("state")
    place = state.read(config_keys.STATE_URL) or default_state()
    state.finish()
    root.finish()
    _refuse_same_names(entries, operations)
    return Config(operations, writes_enabled, place, None if journals is None else folder / journals)


def _refuse_same_names(entries: Sequence[Section], operations: Sequence[Operation]) -> None:
    first: dict[str, Section] = {}
    for entry, operation in zip(entries, operations, strict=True):
        other = first.setdefault(operation.name, entry)
        if operation.name and other is not entry:
            entry.note("name", f"{operation.name!r} is the name of {other.path} already")


def _operation(entry: Section, common_max_age: float | None, folder: Path) -> Operation:
    name = entry.read(config_keys.NAME_KEY)
    server = entry.read(config_keys.SERVER)
    base_url = entry.read(config_keys.BASE_URL)
    if entry.good("server", "base_url") and (server is None) == (base_url is None):
        entry.note("", "exactly one of server and base_url is expected")
    host = urlsplit(base_url).hostname if base_url else None
    apis = entry.section("apis")
    operation = Operation(
        name=name or _name_of(server, host) if entry.good("name") else "",
        base_url=base_url or VENDOR_HOST.format(server=server),
        token=_token(entry, folder),
        licences=entry.read(config_keys.LICENCES),
        timezone=entry.read(config_keys.TIMEZONE),
        quota_reserve=entry.read(config_keys.QUOTA_RESERVE),
        apis={
            api.name: _api(apis.section(api.name), api, common_max_age, loopback=is_loopback(host))
            for api in APIS
        },
        campaigns=_campaigns(entry.section("campaigns")),
        schedules=tuple(read_schedule(schedule) for schedule in entry.sections("schedules")),
        abandonment_limit=entry.read(config_keys.ABANDONMENT_LIMIT),
        predictives_limit=entry.read(config_keys.PREDICTIVES_LIMIT),
    )
    apis.finish(_FORMER_APIS)
    entry.finish(_FORMER_KEYS)
    return operation


def _name_of(server: str | None, host: str | None) -> str:
    return f"wv{server}" if server else host or ""


def _token(entry: Section, folder: Path) -> Secret:
    """Return where the token comes from; that it can be read there is part of the check."""
    file = entry.read(config_keys.TOKEN_FILE)
    env = entry.read(config_keys.TOKEN_ENV)
    text = entry.read(config_keys.TOKEN)
    secret = Secret(text, env, None if file is None else folder / file)
    given = [key for key in ("token_file", "token_env", "token") if entry.given(key)]
    if len(given) != 1:
        entry.note("token", "exactly one of token_file, token_env and token is expected")
    elif entry.good(*given):
        try:
            secret.read()
        except SecretError as error:
            entry.note(given[0], str(error), absent=error.absent)
    return secret


def _api(entry: Section, api: Api, common_max_age: float | None, *, loopback: bool) -> ApiSettings:
    own = config_keys.API_KEYS[api.name]
    enabled, interval, max_age = entry.read(own.enabled), entry.read(own.interval), entry.read(own.max_age)
    options = {option.name: entry.read(option) for option in own.options}
    if interval < VENDOR_INTERVAL_SECONDS and not loopback:
        entry.note(
            "interval",
            "under 5m is refused, because the vendor asks for one call every 5 minutes "
            "(allowed for a loopback base_url)",
        )
    if max_age is not None and max_age < interval and entry.good("interval"):
        entry.note("max_age", f"must not be under the interval, {format_duration(interval)}")
    entry.finish()
    served = max_age or common_max_age or interval * _MAX_AGE_INTERVALS
    return ApiSettings(enabled, interval, max(served, interval), options)


def _campaigns(entry: Section) -> CampaignFilter:
    campaigns = CampaignFilter(
        include=entry.read_list(config_keys.INCLUDE),
        exclude=entry.read_list(config_keys.EXCLUDE),
        limit=entry.read(config_keys.LIMIT),
    )
    entry.finish()
    return campaigns
