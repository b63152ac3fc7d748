"""Where tokens come from, and how they are kept out of sight."""

import os
from dataclasses import dataclass, field
from pathlib import Path

_LONGEST_TOKEN = 4096


class SecretError(Exception):
    """A secret cannot be had; the message names the place and never the secret."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A token by its source: exactly one of the three is given. It never shows in a repr."""

    text: str | None = field(default=None, repr=False)
    env: str | None = None
    file: Path | None = None

    def read(self) -> str:
        """Return the token as it stands now; files and the environment are read anew at each call.

        Raises SecretError when it cannot be read, is empty, or cannot stand in an HTTP header (RFC 9110,
        section 5.5: visible ASCII here).
        """
        raw = self._raw()
        token = raw.strip()
        if not token:
            raise SecretError(f"{self.place} is empty")
        if len(token) > _LONGEST_TOKEN or not all("!" <= c <= "~" for c in token):
            raise SecretError(f"{self.place} does not hold a token: one line of visible ASCII is expected")
        return token

    @property
    def place(self) -> str:
        """Where the token is, for messages."""
        if self.file is not None:
            return f"file {self.file}"
        return f"environment variable {self.env}" if self.env is not None else "token"

    def _raw(self) -> str:
        if self.file is not None:
            try:
                with self.file.open(encoding="utf-8") as stream:
                    return stream.read(_LONGEST_TOKEN * 2)
            except UnicodeDecodeError:
                raise SecretError(f"{self.place} is not text") from None
            except OSError as error:
                raise SecretError(f"{self.place} cannot be read: {error.strerror}") from None
        if self.env is not None:
            value = os.environ.get(self.env)
            if value is None:
                raise SecretError(f"{self.place} is not set")
            return value
        return self.text or ""
