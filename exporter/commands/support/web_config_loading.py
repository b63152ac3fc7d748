"""What commands with a web config file share."""

from pathlib import Path

from exporter.commands.support.config_loading import print_problems, read_config
from exporter.config import Config, ConfigError
from exporter.toolkit.security import WebConfigFile


def read_both(config_file: Path, web_config_file: Path | None) -> tuple[Config, WebConfigFile | None] | None:
    """Return configuration and web config; None, with every problem of both on stderr, if one is wrong."""
    config = read_config(config_file)
    try:
        web = open_web_config(web_config_file)
    except ConfigError as error:
        print_problems(error)
        return None
    return None if config is None else (config, web)


def open_web_config(file: Path | None) -> WebConfigFile | None:
    """Return the web config of a flag, None without it; raises ConfigError."""
    return None if file is None else WebConfigFile(file)
