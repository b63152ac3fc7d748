"""Campaigns come, go and change their names for ever: what is remembered of them must not grow."""

import gc
import threading
from collections import Counter
from dataclasses import replace

from exporter.judgement.view import View
from exporter.metrics import Format, Selection
from exporter.metrics.content_encoding import GzipText, IdentityText, ZstdText
from exporter.metrics.exposition import OperationText
from exporter.metrics.lines import _ENDS, _MAX_LINE_ENDS
from exporter.snapshot import Listing, OperationSnapshot, Row
from metrics.floor import START, Floor, plain_rows, snapshot

COUNT = 20
KINDS = (OperationText, View, IdentityText, GzipText, ZstdText)


def churned(before: OperationSnapshot, turn: int) -> OperationSnapshot:
    """Return the operation a poll later: a fifth of the campaigns is new, and others have new names."""
    rows = [
        Row(
            (row.labels[0], f"{row.labels[1]} {turn}" if number % 3 == 0 else row.labels[1], "40"), row.values
        )
        for number, row in enumerate(plain_rows("campaigns", COUNT, turn / 7, first=1000 + turn * 4))
    ]
    answers = {"campaigns": {"": Listing(START, tuple(rows))}, "campaign_settings": {"": Listing(START, ())}}
    return replace(before, answers=answers)


def found() -> list[object]:
    gc.collect()
    return [one for one in gc.get_objects() if type(one) in KINDS]


def alive() -> Counter[str]:
    return Counter(type(one).__name__ for one in found())


def test_nothing_is_kept_of_campaigns_that_are_gone() -> None:
    _earlier = found()  # kept: what is left of other tests must not end meanwhile
    floor = Floor(*(snapshot(f"op{n}") for n in range(7)))

    def turns(start: int, end: int) -> None:
        for turn in range(start, end):
            name = f"op{turn % 7}"
            floor.land(churned(floor.board.current()[name], turn))
            for form in Format:
                for encoding in ("identity", "gzip", "zstd"):
                    floor.exposition.body(form, encoding)
                    floor.exposition.body(form, encoding, Selection(operation=name))

    turns(0, 40)
    before, threads = alive(), set(threading.enumerate())
    turns(40, 200)
    assert alive() == before
    assert set(threading.enumerate()) <= threads  # those of other tests may end meanwhile
    text = b"".join(floor.exposition.render(Format.TEXT))
    assert text.count(b"wolkvox_campaign_records{") == 7 * COUNT
    writers = floor.exposition._writers.values()
    assert [len(writer._prefixes or ()) for writer in writers] == [COUNT] * 7
    assert len(_ENDS) <= _MAX_LINE_ENDS


def test_what_was_encoded_is_gone_with_the_next_poll() -> None:
    floor = Floor(snapshot("op1"), snapshot("op2"))
    before = alive()["GzipText"]
    for operation in (None, "op1", "op2"):
        floor.exposition.body(Format.TEXT, "gzip", Selection(operation=operation))
        floor.exposition.body(
            Format.TEXT, "gzip", Selection(operation, frozenset({"wolkvox_up"}))
        )  # not kept
    assert alive()["GzipText"] == before + 3
    floor.land(churned(floor.board.current()["op1"], 1))
    assert alive()["GzipText"] == before + 1  # that of op2


def test_what_is_remembered_of_figures_is_bounded() -> None:
    for figure in range(3 * _MAX_LINE_ENDS):
        _ENDS[figure + 0.5]
        assert len(_ENDS) <= _MAX_LINE_ENDS
    assert _ENDS[1.5] == b"} 1.5\n"
