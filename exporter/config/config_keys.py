"""Every key of config.yaml: its kind, its default and what it means.

The reader (`exporter.config.schema`), docs/config.schema.json and docs/configuration.md all follow from it.
"""

import re
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from exporter.apis import APIS, Api
from exporter.config import vendor_url
from exporter.config.state import URL
from exporter.settings.keys import (
    DURATION,
    FILE_NAME,
    FLAG,
    FRACTION,
    NAME,
    PATTERN,
    TEXT,
    ZONE,
    Key,
    ListKey,
    whole,
)

NAME_KEY = Key(
    "name",
    NAME,
    None,
    "Value of the label `operation`; must be unique. Default: `wv` and the server number (`wv0042`), or the "
    "host of `base_url`.",
    ["ventas-bogota"],
)
SERVER = Key(
    "server",
    vendor_url.SERVER_NUMBER,
    None,
    'The server number of the operation: "0042" means https://wv0042.wolkvox.com. In quotes, because '
    "YAML reads 0042 as another number.",
    ["0042"],
)
BASE_URL = Key(
    "base_url",
    vendor_url.BASE_URL,
    None,
    "The whole address, instead of `server`; https, or http on this machine.",
    ["https://wv0042.wolkvox.com"],
)
TOKEN_FILE = Key(
    "token_file",
    FILE_NAME,
    None,
    "File with the token; a relative path starts at the configuration file. The file is read again when "
    "wolkvox refuses the token, so a rotated secret needs no restart.",
    ["/run/secrets/bogota"],
)
TOKEN_ENV = Key("token_env", TEXT, None, "Environment variable with the token.", ["WOLKVOX_TOKEN"])
TOKEN = Key(
    "token", TEXT, None, "The token itself; for trials only, because this file then holds the secret."
)
LICENCES = Key(
    "licences",
    whole(1, 1_000_000),
    None,
    "Licences of the operation: its quota is licences x 1000 calls per day. Default: what `services` "
    "reports, else the limit that `token_info` reports; without any of these, no limit is known or applied.",
    [25],
)
TIMEZONE = Key(
    "timezone",
    ZONE,
    ZoneInfo("America/Bogota"),
    "Time zone of the operation: of its day, its schedules and its timestamps.",
)
QUOTA_RESERVE = Key(
    "quota_reserve", FRACTION, 0.5, "Share of the day's calls that is left to other users of the operation."
)
ABANDONMENT_LIMIT = Key(
    "abandonment_limit",
    FRACTION,
    0.03,
    "Share of the calls answered by a person that may be abandoned before an agent takes them.",
)
PREDICTIVES_LIMIT = Key(
    "predictives_limit",
    whole(1),
    None,
    "Predictive campaigns that wolkvox runs at once. Default: a quarter of the licences and two, which holds "
    "on a dedicated server. On a shared one set a seventh of the licences and two.",
    [5],
)
INCLUDE = ListKey(
    "include",
    PATTERN,
    [re.compile(".*", re.DOTALL)],
    "Regular expressions that must match the whole name or the whole id.",
)
EXCLUDE = ListKey("exclude", PATTERN, [], "Regular expressions for included campaigns to leave out.")
LIMIT = Key("limit", whole(1), 2000, "Maximum number of campaigns; those with the highest numbers are kept.")
MAX_AGE = Key(
    "max_age",
    DURATION,
    None,
    "How long the last good answers are served while polls fail. Default: three intervals of each API. "
    "It is never less than an API's interval.",
    ["15m"],
)
WRITES_ENABLED = Key("enabled", FLAG, False, "Whether `codify` and `clean-list` may code records.")
WRITES_JOURNALS = Key(
    "journals",
    FILE_NAME,
    None,
    "Folder, which must exist, for the journals that keep `codify` and `clean-list` from coding a customer "
    "twice; a relative path starts at the configuration file. With Redis, `--yes` requires it: a folder "
    "shared by all machines on which records are coded. Default: `journals` beside the state file.",
    ["/var/lib/wolkvox-exporter/journals"],
)
STATE_URL = Key(
    "url",
    URL,
    None,
    "`sqlite:///var/lib/wolkvox-exporter/state.db` (the file /var/lib/wolkvox-exporter/state.db), or "
    "`redis://host:6379/0` or `rediss://` for replicas (extra `redis`). Default: `state.db` in "
    "`$XDG_STATE_HOME/wolkvox-exporter`; without that variable in `/var/lib/wolkvox-exporter`, if that "
    "exists; else in `~/.local/state/wolkvox-exporter`.",
    ["sqlite:///var/lib/wolkvox-exporter/state.db", "redis://redis:6379/0"],
)


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """The keys of one API."""

    enabled: Key[bool]
    interval: Key[float]
    max_age: Key[float | None]
    options: tuple[Key[Any], ...]

    @classmethod
    def of(cls, api: Api) -> "ApiKeys":
        """Return the keys of an API with its defaults."""
        return cls(
            Key("enabled", FLAG, api.enabled, "Whether this API is polled."),
            Key(
                "interval",
                DURATION,
                api.interval,
                "Time from one poll to the next. Reports are asked for campaign by campaign, spread over "
                "this time.",
            ),
            Key(
                "max_age",
                DURATION,
                None,
                "How long the last good answer is served while polls fail; not shorter than `interval`. "
                "Default: the `max_age` of the whole file.",
            ),
            api.options,
        )


API_KEYS = {api.name: ApiKeys.of(api) for api in APIS}
