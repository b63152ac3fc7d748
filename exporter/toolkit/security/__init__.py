"""Who may use the web server: certificates and passwords, as the web config file says."""

from exporter.toolkit.security.guard import Guard
from exporter.toolkit.security.web_config import WebConfig, load_web_config
from exporter.toolkit.security.web_config_file import WebConfigFile

__all__ = ["Guard", "WebConfig", "WebConfigFile", "load_web_config"]
