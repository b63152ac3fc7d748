"""The flags of `suggest-schedules`."""

import argparse
from pathlib import Path

_LEAST_WEEKS, _MOST_WEEKS = 2, 26


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `suggest-schedules` that no other command has."""
    parser.add_argument(
        "--prometheus.url",
        dest="prometheus_url",
        required=True,
        metavar="URL",
        help="address of the Prometheus, before /api/v1; or of what else speaks its API",
    )
    parser.add_argument(
        "--weeks", type=_weeks, default=4, metavar="N", help="weeks of history to read (default: %(default)s)"
    )
    parser.add_argument("--operation", metavar="NAME", help="only this operation (default: all)")
    parser.add_argument(
        "--http.config.file",
        dest="http_config_file",
        type=Path,
        metavar="FILE",
        help="how to log in to Prometheus, in the format of its own clients; instead of the next flags",
    )
    parser.add_argument("--prometheus.username", dest="prometheus_username", metavar="NAME", help="user name")
    for flag, what in (
        ("password-file", "file with the password of that user"),
        ("bearer-token-file", "file with a token, instead of a user and a password"),
        ("ca-file", "file with the certificate of the authority that has signed Prometheus' certificate"),
    ):
        dest = f"prometheus_{flag.replace('-', '_')}"
        parser.add_argument(f"--prometheus.{flag}", dest=dest, type=Path, metavar="FILE", help=what)


def _weeks(text: str) -> int:
    weeks = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_WEEKS)) else 0
    if not _LEAST_WEEKS <= weeks <= _MOST_WEEKS:
        raise argparse.ArgumentTypeError(f"must be a whole number from {_LEAST_WEEKS} to {_MOST_WEEKS}")
    return weeks
