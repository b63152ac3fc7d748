"""The configuration: what the user may write, how it is read and checked, and what the program uses of it."""

from exporter.config.model import (
    SECONDS_PER_DAY,
    ApiSettings,
    CampaignFilter,
    Config,
    Operation,
    calls_per_day,
)
from exporter.config.schema import load_config, read_config
from exporter.config.state import StatePlace, default_state, state_place
from exporter.settings.secrets import Secret, SecretError
from exporter.settings.yaml_file import ConfigError

__all__ = [
    "SECONDS_PER_DAY",
    "ApiSettings",
    "CampaignFilter",
    "Config",
    "ConfigError",
    "Operation",
    "Secret",
    "SecretError",
    "StatePlace",
    "calls_per_day",
    "default_state",
    "load_config",
    "read_config",
    "state_place",
]
