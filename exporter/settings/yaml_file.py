"""Reads a YAML file that must hold a mapping."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from exporter.settings.section import Problem

_LARGEST_FILE = 16 * 2**20


class ConfigError(Exception):
    """The configuration cannot be used; `problems` holds everything that is wrong with `file`."""

    def __init__(self, file: Path, problems: Sequence[Problem]) -> None:
        super().__init__(f"{file}: {len(problems)} problem(s)")
        self.file = file
        self.problems = tuple(problems)

    def lines(self) -> list[str]:
        """Return one line for each problem, each with the file's name."""
        return [f"{self.file}: {problem}" for problem in self.problems]


def read_mapping(file: Path, key: str) -> Mapping[object, object]:
    """Return the mapping that a YAML file holds; `key` is one that stands in it, for the message.

    Raises ConfigError.
    """
    raw = _read_yaml(file)
    if not isinstance(raw, Mapping):
        what = "is empty" if raw is None else f"a mapping with the key {key} is expected"
        raise ConfigError(file, [Problem("", what)])
    return raw


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key that stands twice is an error instead of silently the last one."""


def _mapping_without_twins(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.MarkedYAMLError(problem=f"key {key.value!r} stands twice", problem_mark=key.start_mark)
        if isinstance(key.value, str):
            seen.add(key.value)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_twins)


def _read_yaml(file: Path) -> object:
    try:
        with file.open("rb") as stream:
            content = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigError(file, [Problem("", f"cannot be read: {error.strerror}")]) from None
    if len(content) > _LARGEST_FILE:
        raise ConfigError(file, [Problem("", "is over 16 MiB")])
    try:
        return yaml.load(content, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ConfigError(file, [Problem("", f"not YAML: {place}{error.problem}")]) from None
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        # A tag such as !!timestamp or !!bool makes the loader raise whatever its constructors stumble upon.
        message = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise ConfigError(file, [Problem("", f"not YAML: {message}")]) from None
