"""Replaces the configuration by what its files say now, or says why not and keeps the current one."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from exporter.settings.secrets import SecretError
from exporter.settings.yaml_file import ConfigError

_log = logging.getLogger(__name__)

Apply = Callable[[], None]
"""Puts into use what was read and found good; that of the first file may raise SecretError."""

ReadConfig = Callable[[], Apply]
"""Reads and checks one file, and returns how to put it into use; raises ConfigError with every problem."""


class Reloader:
    """Reloads on demand, one reload at a time, in a thread.

    Nothing is put into use unless all files are good. `failed` is called if one is not.
    """

    def __init__(self, files: Sequence[ReadConfig], failed: Callable[[], None]) -> None:
        self._files = files
        self._failed = failed
        self._one_at_a_time = asyncio.Lock()
        self._waiting: asyncio.Task[Sequence[str]] | None = None

    async def reload(self) -> Sequence[str]:
        """Return what is wrong with the files, one line each; nothing if they are in use now.

        Callers during a reload share the next one, which reads the files again.
        """
        if self._waiting is None:
            self._waiting = asyncio.create_task(self._next())
        return await asyncio.shield(self._waiting)

    async def _next(self) -> Sequence[str]:
        async with self._one_at_a_time:
            self._waiting = None
            problems = await asyncio.to_thread(self._reload)
        if problems:
            self._failed()
            _log.error("reload failed, the current configuration stays in use")
        for problem in problems:
            _log.error("configuration problem", extra={"problem": problem})
        return problems

    def _reload(self) -> Sequence[str]:
        good: list[Apply] = []
        problems: list[str] = []
        try:
            for read in self._files:
                try:
                    good.append(read())
                except ConfigError as error:
                    problems += error.lines()
            if problems:
                return problems
            for apply in good:
                apply()
        except SecretError as error:
            # It was readable a moment ago, when the file was checked.
            return [str(error)]
        except Exception as error:  # noqa: BLE001 - the process continues with what it has
            _log.exception("unexpected error in a reload, this is a defect of the program")
            return [f"unexpected error: {error}"]
        return []
