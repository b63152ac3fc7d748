"""The command line: which commands there are and which flags they take."""

import argparse
import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

from exporter import __version__
from exporter.commands.support import operator_flags
from exporter.logs import FORMATS, LEVELS
from exporter.settings.durations import parse_duration
from exporter.toolkit.address import parse_address
from exporter.web.status import PATHS

PROGRAM = "wolkvox-exporter"
DEFAULT_CONFIG_FILE = Path("config.yaml")
DEFAULT_LISTEN_ADDRESS = ":10042"
DEFAULT_TELEMETRY_PATH = "/metrics"
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@/-]+")
"""The path of a URL (RFC 3986, section 3.3) in which nothing is encoded."""
_OTHER_PAGES = {*PATHS, "/probe", "/sd"}
_DAY = 86400.0
_COMMANDS_OF_THE_PARSER = ("-h", "--help", "--version")


def version() -> str:
    """Return what `--version` prints."""
    revision = os.environ.get("WOLKVOX_EXPORTER_REVISION") or "unknown"
    return f"{PROGRAM} {__version__} (revision {revision}, Python {platform.python_version()})"


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; no command means `serve`. Exits with 2 and a message when they make no sense."""
    if not argv or (argv[0].startswith("-") and argv[0] not in _COMMANDS_OF_THE_PARSER):
        argv = ("serve", *argv)
    return make_parser().parse_args(argv)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Prometheus exporter for wolkvox. Without a command it serves.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=version())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, allow_abbrev=False)

    serve = command("serve", "Run the exporter.")
    serve.add_argument("--version", action="version", version=version())
    _config(serve)
    _web(serve, DEFAULT_LISTEN_ADDRESS)
    serve.add_argument(
        "--web.enable-lifecycle",
        dest="lifecycle",
        action="store_true",
        help="reload the configuration on POST /-/reload, as SIGHUP always does",
    )
    _logging(serve)

    demo = command("demo", "Run the simulator of the wolkvox API and the exporter against it.")
    _web(demo, DEFAULT_LISTEN_ADDRESS)
    _simulator(demo, time_factor=30.0)
    demo.add_argument(
        "--stack",
        action="store_true",
        help="also start Prometheus and Alertmanager, where installed, on the bundled rules",
    )
    _logging(demo, level="warning")

    simulate = command("simulate", "Run the simulator of the wolkvox API alone.")
    simulate.add_argument(
        "--listen-address",
        type=_address,
        default="127.0.0.1:10043",
        metavar="ADDRESS",
        help="where the simulator listens (default: %(default)s)",
    )
    _simulator(simulate, time_factor=1.0)
    _logging(simulate)

    check = command(
        "check-config", "Check the configuration without network and tell the calls it will cost."
    )
    _config(check)
    _web_config(check)

    once = command("once", "Poll every API once and print the exposition; this costs calls.")
    _config(once)
    _logging(once, level="warning")

    health = command("health", "Ask the running exporter whether it is healthy.")
    health.add_argument(
        "--web.listen-address",
        dest="listen_address",
        type=_address,
        default=DEFAULT_LISTEN_ADDRESS,
        metavar="ADDRESS",
        help="where the exporter listens (default: %(default)s)",
    )
    health.add_argument(
        "--timeout", type=_seconds, default=5.0, metavar="SECONDS", help="longest wait (default: %(default)s)"
    )

    for name, text, add in (
        ("machine-codes", "Report machine codes by telephone (campaign_8).", operator_flags.machine_codes),
        ("find-record", "Find customers' records by telephone or customer id.", operator_flags.find_record),
        ("codify", "Set customers' disposition, so that they are not dialled.", operator_flags.codify),
        ("clean-list", "Take customers with dead telephones out of a list.", operator_flags.clean_list),
    ):
        operators = command(name, text)
        _config(operators)
        add(operators)
        _logging(operators)

    command("metrics", "Print the metric reference.")

    assets = command("assets", "Write the bundled dashboards, rules and provisioning files.")
    assets.add_argument(
        "--to", type=Path, required=True, metavar="DIR", help="folder to write to, made when it is not there"
    )
    assets.add_argument(
        "--poll-interval",
        type=_interval,
        default="5m",
        metavar="DURATION",
        help="write the rules for this interval of campaigns (default: %(default)s)",
    )
    assets.add_argument(
        "--overwrite", action="store_true", help="replace other files that stand there already"
    )
    return parser


def _address(text: str) -> str:
    try:
        parse_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _interval(text: str) -> float:
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if not 0 < seconds <= _DAY:
        raise argparse.ArgumentTypeError("a duration over 0, at most a day, is expected")
    return seconds


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _DAY:
        raise argparse.ArgumentTypeError("a number of seconds over 0, at most a day, is expected")
    return seconds


def _path(text: str) -> str:
    if not _PATH.fullmatch(text) or text.startswith("/-/"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a path such as /metrics")
    if text in _OTHER_PAGES:
        raise argparse.ArgumentTypeError(f"{text} is another page of the exporter")
    return text


def _config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config.file",
        dest="config_file",
        type=Path,
        default=DEFAULT_CONFIG_FILE,
        metavar="FILE",
        help="the configuration (default: %(default)s)",
    )


def _web_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--web.config.file",
        dest="web_config_file",
        type=Path,
        metavar="FILE",
        help="certificates and passwords, in the format of Prometheus' exporter-toolkit (default: neither)",
    )


def _web(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--web.listen-address",
        dest="listen_addresses",
        type=_address,
        action="append",
        default=[],
        metavar="ADDRESS",
        help=f"where to listen, may be repeated (default: {default})",
    )
    _web_config(parser)
    parser.add_argument(
        "--web.telemetry-path",
        dest="telemetry_path",
        type=_path,
        default=DEFAULT_TELEMETRY_PATH,
        metavar="PATH",
        help="path of the metrics (default: %(default)s)",
    )


def _logging(parser: argparse.ArgumentParser, level: str = "info") -> None:
    parser.add_argument(
        "--log.level",
        dest="log_level",
        choices=LEVELS,
        default=level,
        help="least level to log (default: %(default)s)",
    )
    parser.add_argument(
        "--log.format",
        dest="log_format",
        choices=FORMATS,
        default=FORMATS[0],
        help="form of the log (default: %(default)s)",
    )


def _simulator(parser: argparse.ArgumentParser, time_factor: float) -> None:
    parser.add_argument("--operations", type=int, default=3, help="operations (default: %(default)s)")
    parser.add_argument("--campaigns", type=int, default=8, help="campaigns of each (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same world (default: %(default)s)")
    parser.add_argument(
        "--time-factor",
        type=float,
        default=time_factor,
        help="simulated seconds in a real second (default: %(default)s)",
    )
