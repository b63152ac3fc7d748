"""The command line: which commands there are and which flags they take."""

import argparse
import difflib
import os
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from exporter import __version__
from exporter.commands.support import operator_flags as flags
from exporter.commands.support import prometheus_flags
from exporter.commands.support.command_examples import EXAMPLES
from exporter.glossary import LANGUAGES
from exporter.logs import FORMATS, LEVELS
from exporter.operators.translation import ENGLISH, choose_language, language_of_locale, translated
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
_DAY_SECONDS = 86400.0
_FLAGS_WITHOUT_COMMAND = ("-h", "--help", "--version")


_OPERATORS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "machine-codes": (
        "Show the machine codes of telephones (report campaign_8).",
        flags.machine_codes,
    ),
    "find-record": ("Find the records of customers by telephone or customer id.", flags.find_record),
    "codify": ("Set the disposition of customers, so that they are no longer dialled.", flags.codify),
    "clean-list": ("Set the disposition of customers with unreachable telephones.", flags.clean_list),
}
"""The commands that speak the language of the locale: what they do, and what adds their flags."""

# argparse asks for its texts by this name, of gettext, which would want a compiled file for each language.
setattr(argparse, "_", translated)  # noqa: B010 - unknown to the type checker


def version() -> str:
    """Return what `--version` prints."""
    revision = os.environ.get("WOLKVOX_EXPORTER_REVISION") or "unknown"
    return f"{PROGRAM} {__version__} (revision {revision}, Python {platform.python_version()})"


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return the arguments; no command means `serve`. Exits with 2 and a message when they cannot be used."""
    if not argv or (argv[0].startswith("-") and argv[0] not in _FLAGS_WITHOUT_COMMAND):
        if argv and argv[0].partition("=")[0] == "--lang":
            make_parser().error("--lang comes after a command, such as find-record --lang=es")
        argv = ("serve", *argv)
    choose_language(_language(argv) if argv[0] in _OPERATORS else ENGLISH)
    parser = make_parser()
    if argv[0] not in EXAMPLES and (close := difflib.get_close_matches(argv[0], EXAMPLES, n=1)):
        parser.error(f"invalid choice: {argv[0]!r} (did you mean {close[0]}?)")
    return parser.parse_args(argv)


def _language(argv: Sequence[str]) -> str:
    """Return the language for the operators' commands: that of `--lang`, else of the locale."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--lang", nargs="?")
    lang = early.parse_known_args(argv)[0].lang
    return lang if lang in LANGUAGES else language_of_locale(os.environ)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Prometheus exporter for wolkvox. Without a command it runs `serve`.",
        allow_abbrev=False,
    )
    # Else a narrow terminal breaks the line of the version.
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    _version(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        # Else the lines of the examples would be joined, and that of the version broken.
        added.formatter_class = argparse.RawDescriptionHelpFormatter
        return added

    serve = command("serve", "Run the exporter.")
    _version(serve)
    _config(serve)
    _web(serve, DEFAULT_LISTEN_ADDRESS)
    serve.add_argument(
        "--web.enable-lifecycle",
        dest="lifecycle",
        action="store_true",
        help="allow POST /-/reload to reload the configuration; SIGHUP always does",
    )
    _logging(serve)

    demo = command("demo", "Run the exporter with a simulated wolkvox; needs no account or configuration.")
    _web(demo, DEFAULT_LISTEN_ADDRESS)
    demo.epilog = "With --stack incidents come in turn, or when you stage them: see docs/rehearsal.md."
    _simulator(demo, time_factor=30.0)
    demo.add_argument(
        "--stack",
        action="store_true",
        help="also start Prometheus and Alertmanager with the bundled rules, if they are installed",
    )
    _logging(demo, level="warn")

    simulate = command("simulate", "Run a simulated wolkvox, and print the operations for a configuration.")
    simulate.epilog = "Incidents and faults are staged over HTTP, under /_simulator/: see docs/rehearsal.md."
    simulate.add_argument(
        "--listen-address",
        type=_address,
        default="127.0.0.1:10043",
        metavar="ADDRESS",
        help="address to listen on (default: %(default)s)",
    )
    _simulator(simulate, time_factor=1.0)
    _logging(simulate)

    check = command("check-config", "Check the configuration offline, and show how many calls it will make.")
    _config(check)
    _web_config(check)
    check.add_argument(
        "--no-secrets",
        dest="secrets",
        action="store_false",
        help="accept that token files, their variables, certificates and keys are not here, as in a CI",
    )

    once = command("once", "Poll every API once and print the metrics; this uses calls of the daily quota.")
    _config(once)
    _logging(once, level="warn")

    doctor = command(
        "doctor", "Show what is right, odd or wrong, from the configuration to the values that wolkvox sends."
    )
    doctor.epilog = "It makes at most one call of each API that is switched on, and says so before."
    _config(doctor)
    flags.doctor(doctor)
    _logging(doctor, level="warn")

    health = command("health", "Ask the running exporter whether it is healthy; the exit code is 0 if it is.")
    health.add_argument(
        "--web.listen-address",
        dest="listen_address",
        type=_address,
        metavar="ADDRESS",
        help=f"address of the exporter (default: {DEFAULT_LISTEN_ADDRESS}, or where it runs on this machine)",
    )
    health.add_argument(
        "--timeout", type=_seconds, default=5.0, metavar="SECONDS", help="maximum wait (default: %(default)s)"
    )

    for name, (text, add) in _OPERATORS.items():
        _operators(command(name, translated(text)), add)

    suggest = command("suggest-schedules", "Print schedules, from the hours that Prometheus has seen kept.")
    _config(suggest)
    prometheus_flags.add_flags(suggest)

    command("metrics", "Print the reference of all metrics.")

    assets = command("assets", "Write the bundled dashboards, rules and provisioning files to a folder.")
    _assets(assets)
    for name, made in commands.choices.items():
        lines = "".join(f"\n  {PROGRAM} {example}" for example in EXAMPLES[name])
        before = f"{made.epilog}\n\n" if made.epilog else ""
        made.epilog = f"{before}{translated('examples:')}{lines}"
    return parser


def _assets(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to", type=Path, required=True, metavar="DIR", help="folder to write to; created if missing"
    )
    parser.add_argument(
        "--poll-interval",
        type=_interval,
        default="5m",
        metavar="DURATION",
        help="poll interval of campaigns to adapt the rules to (default: %(default)s)",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace existing files that have other content"
    )


def _operators(parser: argparse.ArgumentParser, add: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the flags of an operators' command, with their help in its language."""
    _config(parser)
    add(parser)
    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        help="language of messages and tables (default: that of LC_ALL, LC_MESSAGES or LANG)",
    )
    _logging(parser)
    for action in parser._actions:  # noqa: SLF001 - in one place instead of at each flag
        action.help = translated(action.help or "")


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
    if not 0 < seconds <= _DAY_SECONDS:
        raise argparse.ArgumentTypeError("must be a duration above 0 and up to a day")
    return seconds


def _level(text: str) -> str:
    return {"warning": "warn"}.get(text.lower(), text.lower())


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _DAY_SECONDS:
        raise argparse.ArgumentTypeError("must be a number of seconds above 0 and up to a day")
    return seconds


def _path(text: str) -> str:
    if not _PATH.fullmatch(text) or text.startswith("/-/"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a path such as /metrics")
    if text in _OTHER_PAGES:
        raise argparse.ArgumentTypeError(f"{text} is another page of the exporter")
    return text


def _version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", action="version", version=version())


def _config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config.file",
        dest="config_file",
        type=Path,
        default=DEFAULT_CONFIG_FILE,
        metavar="FILE",
        help="configuration file (default: %(default)s)",
    )


def _web_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--web.config.file",
        dest="web_config_file",
        type=Path,
        metavar="FILE",
        help="TLS certificate and passwords, in the format of Prometheus' exporter-toolkit (default: none)",
    )


def _web(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--web.listen-address",
        dest="listen_addresses",
        type=_address,
        action="append",
        default=[],
        metavar="ADDRESS",
        help=f"address to listen on; may be repeated (default: {default})",
    )
    _web_config(parser)
    parser.add_argument(
        "--web.telemetry-path",
        dest="telemetry_path",
        type=_path,
        default=DEFAULT_TELEMETRY_PATH,
        metavar="PATH",
        help="path of the metrics page (default: %(default)s)",
    )


def _logging(parser: argparse.ArgumentParser, level: str = "info") -> None:
    parser.add_argument(
        "--log.level",
        dest="log_level",
        type=_level,
        choices=LEVELS,
        default=level,
        help="lowest level to log (default: %(default)s)",
    )
    parser.add_argument(
        "--log.format",
        dest="log_format",
        choices=FORMATS,
        default=FORMATS[0],
        help="format of the log (default: %(default)s)",
    )


def _simulator(parser: argparse.ArgumentParser, time_factor: float) -> None:
    parser.add_argument(
        "--operations", type=int, default=3, help="number of operations (default: %(default)s)"
    )
    parser.add_argument(
        "--campaigns", type=int, default=8, help="number of campaigns of each (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="the same seed gives the same campaigns (default: %(default)s)"
    )
    parser.add_argument(
        "--time-factor",
        type=float,
        default=time_factor,
        help="simulated seconds per real second (default: %(default)s)",
    )
