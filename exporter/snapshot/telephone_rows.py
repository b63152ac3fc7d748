"""The rows of campaign_8 decoded straight into what is summed: no dictionary for each of 60,000 telephones.

There are three ways to read a batch, and each takes what the one before leaves:

1. Plain figures, which is what wolkvox writes in nearly every row, become integers while they are decoded
   (so does a text such as "1e1", which `parsing` refuses: to look for it would cost more than the decoding).
2. Texts and nulls are kept as written, for `parsing` to judge.
3. Whatever else JSON can hold is decoded as it comes.
"""

from collections.abc import Callable
from typing import Annotated, cast

import msgspec

_Figure = Annotated[int, msgspec.Meta(ge=0, le=999_999)]


class Counted(msgspec.Struct, gc=False):
    """A telephone with plain figures. The number itself is read to see that there is one."""

    telephone: Annotated[int, msgspec.Meta(ge=0)]
    no_answer: _Figure
    answer_machine: _Figure
    busy: _Figure
    congestion: _Figure
    failed: _Figure
    total_machine_recognitions: _Figure


class Noted(msgspec.Struct, gc=False):
    """A row as it is written; None is null or not there."""

    telephone: str | None = None
    no_answer: str | None = None
    answer_machine: str | None = None
    busy: str | None = None
    congestion: str | None = None
    failed: str | None = None
    total_machine_recognitions: str | None = None


_Decode = Callable[[bytes], list[object]]
_counted = cast("_Decode", msgspec.json.Decoder(list[Counted], strict=False).decode)
_noted = cast("_Decode", msgspec.json.Decoder(list[Noted]).decode)
_anything: _Decode = msgspec.json.Decoder(list[object]).decode


def decode_rows(text: bytes) -> list[object]:
    """Decode an array of rows, all of one kind: Counted, Noted or what JSON gives.

    Raises msgspec.DecodeError and UnicodeDecodeError when it is none.
    """
    # A point may be one of thousands, which msgspec does not know ("1.234" is 1234); and it takes "-0" for 0.
    if b"." not in text and b"-" not in text:
        try:
            return _counted(text)
        except msgspec.ValidationError:
            pass
    try:
        return _noted(text)
    except msgspec.ValidationError:
        return _anything(text)
