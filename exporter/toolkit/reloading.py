"""Goes over to what stands in the configuration files now, or says why not and keeps the last good one."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from exporter.settings.secrets import SecretError
from exporter.settings.yaml_file import ConfigError

_log = logging.getLogger(__name__)

Use = Callable[[], None]
"""Goes over to what was read and found good; the first of all files may raise SecretError."""

Read = Callable[[], Use]
"""Reads and checks one file, and returns how to go over to it; raises ConfigError with every problem."""


class Reloader:
    """Reloads on demand, one at a time, in a thread.

    All `reads` must be content before anything is used. `refused` is called when they are not.
    """

    def __init__(self, reads: Sequence[Read], refused: Callable[[], None]) -> None:
        self._reads = reads
        self._refused = refused
        self._one_at_a_time = asyncio.Lock()
        self._waiting: asyncio.Task[Sequence[str]] | None = None

    async def reload(self) -> Sequence[str]:
        """Reload, and return what is wrong, one line each; nothing when the files are in use now.

        Who asks while a reload runs waits for the next one, which reads the files anew, once for all.
        """
        if self._waiting is None:
            self._waiting = asyncio.create_task(self._next())
        return await asyncio.shield(self._waiting)

    async def _next(self) -> Sequence[str]:
        async with self._one_at_a_time:
            self._waiting = None
            problems = await asyncio.to_thread(self._reload)
        if problems:
            self._refused()
            _log.error("not reloaded, the configuration in use is kept")
        for problem in problems:
            _log.error("problem of the configuration", extra={"problem": problem})
        return problems

    def _reload(self) -> Sequence[str]:
        uses: list[Use] = []
        problems: list[str] = []
        try:
            for read in self._reads:
                try:
                    uses.append(read())
                except ConfigError as error:
                    problems += error.lines()
            if problems:
                return problems
            for use in uses:
                use()
        except SecretError as error:
            # It could be read when the file was checked, a moment ago.
            return [str(error)]
        except Exception as error:  # noqa: BLE001 - the exporter goes on with what it has
            _log.exception("the reload broke, this is a defect of the exporter")
            return [f"the reload broke: {error}"]
        return []
