"""The token that is sent, and when it is read again."""

import logging

from exporter import logs
from exporter.config import Secret, SecretError

_log = logging.getLogger(__name__)


class Token:
    """An operation's token: read once, and again when the vendor has refused it.

    So a rotated secret needs no restart, and a secret store may be unavailable for a while.
    """

    def __init__(self, secret: Secret, operation: str) -> None:
        self._secret = secret
        self._operation = operation
        self._text = secret.read()

    @property
    def text(self) -> str:
        """The token itself; never to be logged."""
        return self._text

    def read_again(self) -> None:
        """Read the secret again for the next call, because the vendor refused the token."""
        try:
            fresh = self._secret.read()
        except SecretError as error:
            _log.error(
                "cannot read the token again after the vendor refused it",
                extra={"operation": self._operation, "error": str(error)},
            )
            return
        if fresh != self._text:
            logs.hide([fresh])
            _log.info("the token has changed; the next poll uses it", extra={"operation": self._operation})
            self._text = fresh
