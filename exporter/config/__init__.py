"""The configuration: what the user may write, how it is read and checked, and what the program uses of it."""

from exporter.config.load import ConfigError, load_config
from exporter.config.model import ApiSettings, CampaignFilter, Config, Operation
from exporter.config.reading import Problem
from exporter.config.secrets import Secret, SecretError
from exporter.config.state import StatePlace, default_state, state_place

__all__ = [
    "ApiSettings",
    "CampaignFilter",
    "Config",
    "ConfigError",
    "Operation",
    "Problem",
    "Secret",
    "SecretError",
    "StatePlace",
    "default_state",
    "load_config",
    "state_place",
]
