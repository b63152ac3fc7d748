"""Where secrets such as tokens come from, and how they are kept out of sight."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from exporter.settings.files import encoding_problem, read_file

_MAX_SECRET_CHARACTERS = 4096
_BYTE_ORDER_MARK = "\ufeff"


class SecretError(Exception):
    """A secret cannot be read; the message names its source and never the secret.

    `absent` tells a secret that is not here, or not for this user, from one that is wrong.
    """

    def __init__(self, message: str, *, absent: bool = False) -> None:
        super().__init__(message)
        self.absent = absent


def is_absent(error: OSError) -> bool:
    """Return whether a file that could not be opened is not here, or not for this user."""
    return isinstance(error, FileNotFoundError | PermissionError)


@dataclass(frozen=True, slots=True)
class Secret:
    """A token by its source; exactly one of the three is given. It never shows in a repr."""

    text: str | None = field(default=None, repr=False)
    env: str | None = None
    file: Path | None = None

    def read(self) -> str:
        """Return the token as it is at this moment; files and the environment are read on each call.

        A byte-order mark and blanks around it are taken off. Raises SecretError if it cannot be read, is
        empty, or cannot be sent in an HTTP header (RFC 9110, section 5.5: visible ASCII here).
        """
        token = self._raw().removeprefix(_BYTE_ORDER_MARK).strip()
        if not token:
            # Many build servers set a variable to nothing where a secret is withheld.
            raise SecretError(f"{self.source} is empty", absent=self.env is not None)
        bad = next((index for index, c in enumerate(token) if not "!" <= c <= "~"), None)
        if bad is not None or len(token) > _MAX_SECRET_CHARACTERS:
            found = "" if bad is None else f"; character {bad + 1} is U+{ord(token[bad]):04X}"
            raise SecretError(
                f"{self.source} must be one line of at most {_MAX_SECRET_CHARACTERS} visible ASCII characters"
                f"{found}"
            )
        return token

    @property
    def source(self) -> str:
        """Where the token comes from, for messages."""
        if self.file is not None:
            return f"file {self.file}"
        return f"environment variable {self.env}" if self.env is not None else "token"

    def _raw(self) -> str:
        if self.file is not None:
            try:
                content = read_file(self.file, _MAX_SECRET_CHARACTERS * 2)
            except OSError as error:
                message = f"{self.source} cannot be read: {error.strerror}"
                raise SecretError(message, absent=is_absent(error)) from None
            try:
                return _text(content)
            except ValueError as error:
                raise SecretError(f"{self.source} {error}") from None
        if self.env is not None:
            value = os.environ.get(self.env)
            if value is None:
                raise SecretError(f"{self.source} is not set", absent=True)
            return value
        return self.text or ""


def _text(content: bytes) -> str:
    """Return UTF-8 as text; raises ValueError that says what else it is."""
    if problem := encoding_problem(content):
        raise ValueError(problem)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8: save it as UTF-8") from None
