"""Reads a YAML file that must hold a mapping."""

import codecs
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from exporter.settings.files import encoding_problem, read_file
from exporter.settings.section import Problem

_MAX_FILE_BYTES = 16 * 2**20


class ConfigError(Exception):
    """A file cannot be used as configuration; `problems` lists everything that is wrong with `file`."""

    def __init__(self, file: Path, problems: Sequence[Problem]) -> None:
        super().__init__(f"{file}: {len(problems)} problem(s)")
        self.file = file
        self.problems = tuple(problems)

    def lines(self) -> list[str]:
        """Return one line for each problem, each beginning with the file's name."""
        return [f"{self.file}: {problem}" for problem in self.problems]


def refuse(file: Path, problems: Sequence[Problem], *, secrets: bool = True) -> None:
    """Raise ConfigError if there is a problem; without `secrets`, one that is no absent secret."""
    found = [problem for problem in problems if secrets or not problem.absent]
    if found:
        raise ConfigError(file, found)


def read_mapping(file: Path, key: str, *, may_be_empty: bool = False) -> Mapping[object, object]:
    """Return the mapping in a YAML file; `key` is one of its keys, for the message.

    Raises ConfigError.
    """
    raw = _read_yaml(file)
    if raw is None and may_be_empty:
        return {}
    if not isinstance(raw, Mapping):
        what = "is empty" if raw is None else f"a mapping with the key {key} is expected"
        raise ConfigError(file, [Problem("", what)])
    return raw


class _Loader(yaml.SafeLoader):
    """Safe YAML that rejects duplicate keys instead of silently using the last one."""


def _mapping_without_duplicates(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.MarkedYAMLError(problem=f"duplicate key {key.value!r}", problem_mark=key.start_mark)
        if isinstance(key.value, str):
            seen.add(key.value)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_duplicates)


def _read_yaml(file: Path) -> object:
    try:
        content = read_file(file, _MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(file, [Problem("", f"cannot be read: {error.strerror}")]) from None
    if len(content) > _MAX_FILE_BYTES:
        raise ConfigError(file, [Problem("", f"is larger than {_MAX_FILE_BYTES // 2**20} MiB")])
    # YAML may be UTF-16; the mark of UTF-32 begins as that does.
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not utf16 or content.startswith(codecs.BOM_UTF32_LE):
        if problem := encoding_problem(content):
            raise ConfigError(file, [Problem("", problem)])
        try:
            content.decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            what = f"line {line} is not UTF-8: save the file as UTF-8"
            raise ConfigError(file, [Problem("", what)]) from None
    try:
        return yaml.load(content, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ConfigError(file, [Problem("", f"invalid YAML: {place}{error.problem}")]) from None
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        # With a tag such as !!timestamp or !!bool, the loader raises whatever its constructors run into.
        message = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise ConfigError(file, [Problem("", f"invalid YAML: {message}")]) from None
