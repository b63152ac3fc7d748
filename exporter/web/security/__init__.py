"""Who may talk to the web edge: certificates and passwords, by the web config file."""

from exporter.web.security.file import WebConfigFile
from exporter.web.security.guard import Guard
from exporter.web.security.settings import WebConfig, load_web_config

__all__ = ["Guard", "WebConfig", "WebConfigFile", "load_web_config"]
