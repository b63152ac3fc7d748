"""From config.yaml to the checked configuration, or to every problem in it at once."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ValidationError

from exporter.config.model import CampaignFilter, Config, EndpointSettings, Operation
from exporter.config.schema import (
    ConfigSchema,
    EndpointSchema,
    OperationSchema,
    ScheduleSchema,
    label_of,
    secret_of,
)
from exporter.endpoint import Endpoint
from exporter.schedules import Preset, Schedule, Week

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_INTERVALS_TO_MAX_AGE = 3
_LARGEST_FILE = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (a YAML path such as `operations[0].timezone`, or "") and what."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ConfigError(Exception):
    """The configuration cannot be used; `problems` holds everything that is wrong with `file`."""

    def __init__(self, file: Path, problems: Sequence[Problem]) -> None:
        super().__init__(f"{file}: {len(problems)} problem(s)")
        self.file = file
        self.problems = tuple(problems)

    def lines(self) -> list[str]:
        """Return one line for each problem, each with the file's name."""
        return [f"{self.file}: {problem}" for problem in self.problems]


def load_config(file: Path) -> Config:
    """Read and check a configuration file; secrets are read too, the network is not touched.

    Raises ConfigError with every problem.
    """
    raw = _read_yaml(file)
    problems = list(_same_names(raw))
    try:
        schema = ConfigSchema.model_validate(raw, context={"folder": file.parent})
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        problems = [*(_problem(detail, raw) for detail in details), *problems]
    if problems:
        raise ConfigError(file, problems)
    return Config(tuple(_operation(schema, entry, file.parent) for entry in schema.operations))


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
        # A tag such as !!timestamp can make the loader raise what its constructors raise.
        return yaml.load(content, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ConfigError(file, [Problem("", f"not YAML: {place}{error.problem}")]) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        message = " ".join(str(error).split())[:200]
        raise ConfigError(file, [Problem("", f"not YAML: {message}")]) from None


def _same_names(raw: object) -> Iterator[Problem]:
    """Find names that two operations share, also where the rest of the file is wrong."""
    entries = raw.get("operations") if isinstance(raw, Mapping) else None
    first: dict[str, int] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        name = _written_name(entry)
        if name is None:
            continue
        if name in first:
            other = first[name]
            yield Problem(f"operations[{index}].name", f"{name!r} is the name of operations[{other}] already")
        first.setdefault(name, index)


def _written_name(entry: object) -> str | None:
    if not isinstance(entry, Mapping):
        return None
    name, server, base_url = (_text(entry.get(key)) for key in ("name", "server", "base_url"))
    try:
        return label_of(name, server, base_url)
    except ValueError:
        return None


def _text(raw: object) -> str | None:
    return raw if isinstance(raw, str) else None


def _operation(schema: ConfigSchema, entry: OperationSchema, folder: Path) -> Operation:
    return Operation(
        name=label_of(entry.name, entry.server, entry.base_url) or "",
        base_url=entry.address(),
        token=secret_of(entry.token_file, entry.token_env, entry.token, folder),
        licences=entry.licences,
        timezone=entry.timezone,
        quota_reserve=entry.quota_reserve,
        endpoints={e: _settings(entry.endpoints.of(e), schema.max_age) for e in Endpoint},
        unreachable_after=entry.endpoints.machine_codes.unreachable_after,
        campaigns=CampaignFilter(
            tuple(entry.campaigns.include), tuple(entry.campaigns.exclude), entry.campaigns.limit
        ),
        schedules=tuple(_schedule(schedule) for schedule in entry.schedules),
    )


def _schedule(entry: ScheduleSchema) -> Schedule:
    permitted = entry.permitted.windows if isinstance(entry.permitted, Preset) else entry.permitted
    return Schedule(
        campaigns=tuple(entry.campaigns),
        expected=None if entry.expected is None else Week.of(entry.expected),
        permitted=None if permitted is None else Week.of(permitted),
        holidays=entry.holidays,
        except_dates=frozenset(entry.except_dates),
    )


def _settings(entry: EndpointSchema, common_max_age: float | None) -> EndpointSettings:
    max_age = entry.max_age or common_max_age or entry.interval * _INTERVALS_TO_MAX_AGE
    return EndpointSettings(entry.enabled, entry.interval, max(max_age, entry.interval))


_MESSAGES = {
    "missing": "is missing",
    "model_type": "a mapping is expected",
    "string_type": "text is expected: put it in quotes",
    "list_type": "a list is expected",
    "bool_type": "true or false is expected",
    "int_type": "a whole number is expected",
    "float_type": "a number is expected",
    "path_type": "a file name is expected",
    "string_pattern_mismatch": 'four digits in quotes are expected, such as "0042"',
}


def _problem(detail: "ErrorDetails", raw: object) -> Problem:
    path = ""
    for part in detail["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    kind = detail["type"]
    if kind == "extra_forbidden":
        return Problem(path, _unknown_key(detail["loc"]))
    if not path and not isinstance(raw, Mapping):
        return Problem("", "is empty" if raw is None else "a mapping with the key operations is expected")
    message = _MESSAGES.get(kind) or detail["msg"].removeprefix("Value error, ")
    return Problem(path, message)


def _unknown_key(loc: tuple[int | str, ...]) -> str:
    """Return the message for an unknown key, with the known key that was likely meant."""
    model: type[BaseModel] | None = ConfigSchema
    for part in loc[:-1]:
        if model is not None and isinstance(part, str):
            model = _model_of(model, part)
    known = list(model.model_fields) if model else []
    close = difflib.get_close_matches(str(loc[-1]), known, n=1)
    return f"unknown key (is {close[0]} meant?)" if close else "unknown key"


def _model_of(model: type[BaseModel], field: str) -> type[BaseModel] | None:
    if field not in model.model_fields:
        return None
    annotation = model.model_fields[field].annotation
    candidates = (annotation, *getattr(annotation, "__args__", ()))
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
