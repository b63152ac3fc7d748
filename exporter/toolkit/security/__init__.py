"""Who may talk to the web edge: certificates and passwords, by the web config file."""

from exporter.toolkit.security.guard import Guard
from exporter.toolkit.security.web_config import WebConfig, load_web_config
from exporter.toolkit.security.web_config_file import WebConfigFile

__all__ = ["Guard", "WebConfig", "WebConfigFile", "load_web_config"]
