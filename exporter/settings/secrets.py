"""Where secrets such as tokens come from, and how they are kept out of sight."""

import os
from dataclasses import dataclass, field
from pathlib import Path

_MAX_SECRET_CHARACTERS = 4096


class SecretError(Exception):
    """A secret cannot be read; the message names its source and never the secret."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A token by its source; exactly one of the three is given. It never shows in a repr."""

    text: str | None = field(default=None, repr=False)
    env: str | None = None
    file: Path | None = None

    def read(self) -> str:
        """Return the token as it is at this moment; files and the environment are read on each call.

        Raises SecretError if it cannot be read, is empty, or cannot be sent in an HTTP header (RFC 9110,
        section 5.5: visible ASCII here).
        """
        token = self._raw().strip()
        if not token:
            raise SecretError(f"{self.source} is empty")
        if len(token) > _MAX_SECRET_CHARACTERS or not all("!" <= c <= "~" for c in token):
            raise SecretError(
                f"{self.source} must contain one line of at most {_MAX_SECRET_CHARACTERS} visible ASCII "
                "characters"
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
                with self.file.open(encoding="utf-8") as stream:
                    return stream.read(_MAX_SECRET_CHARACTERS * 2)
            except UnicodeDecodeError:
                raise SecretError(f"{self.source} is not text") from None
            except OSError as error:
                raise SecretError(f"{self.source} cannot be read: {error.strerror}") from None
        if self.env is not None:
            value = os.environ.get(self.env)
            if value is None:
                raise SecretError(f"{self.source} is not set")
            return value
        return self.text or ""
