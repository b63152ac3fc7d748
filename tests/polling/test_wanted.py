"""Which campaigns are served, and under which names."""

import re
from collections.abc import Sequence

from exporter.clock import Moment
from exporter.config import CampaignFilter
from exporter.polling.wanted import wanted_campaigns
from exporter.snapshot import Listing, Row

REAL_TIME, INFORMATION = "campaigns", "campaign_settings"
NOW = Moment(1_000_000.0, 1000.0)


def chosen(include: str = ".*", exclude: str = "", limit: int = 2000) -> CampaignFilter:
    excluded = (re.compile(exclude),) if exclude else ()
    return CampaignFilter((re.compile(include),), excluded, limit)


def row(campaign_id: str, name: str, skill_id: str = "") -> Row:
    return Row((campaign_id, name, skill_id), (1.0,))


def labels(
    live: Sequence[Row], known: Sequence[Row] | None = None, campaigns: CampaignFilter | None = None
) -> list[tuple[str, ...]]:
    lists = {REAL_TIME: Listing(NOW, tuple(live))}
    if known is not None:
        lists[INFORMATION] = Listing(NOW, tuple(known))
    listing, _ = wanted_campaigns(lists, campaigns or chosen())[REAL_TIME]
    return [row.labels for row in listing.rows]


def test_the_clean_name_is_that_of_the_settings() -> None:
    assert labels([row("1", "VENTAS - x"), row("2", "B")], [row("1", "VENTAS")]) == [
        ("1", "VENTAS", ""),
        ("2", "B", ""),
    ]


def test_a_campaign_is_judged_by_its_clean_name() -> None:
    live, known = [row("1", "RENOVACION")], [row("1", "RENOVACIÓN")]
    assert labels(live, known, chosen("RENOVACIÓN"))
    assert not labels(live, known, chosen("RENOVACION"))
    assert labels(live, known, chosen(exclude="RENOVACION"))
    assert not labels(live, known, chosen(exclude="RENOVACIÓN"))
    # Without a name in the settings it has its own.
    assert labels(live, [], chosen("RENOVACION"))


def test_the_name_holds_for_the_settings_themselves() -> None:
    known = Listing(NOW, (row("1", "A", "4001"), row("1", "B", "999")))
    listing, _ = wanted_campaigns({INFORMATION: known}, chosen("B"))[INFORMATION]
    assert [row.labels for row in listing.rows] == [("1", "B", "999"), ("1", "B", "4001")]


def test_an_id_is_judged_too() -> None:
    assert labels([row("1", "A"), row("2", "B"), row("", "2")], campaigns=chosen("2")) == [
        ("", "2", ""),
        ("2", "B", ""),
    ]


def test_rows_stand_in_the_order_of_ids_and_skills() -> None:
    rows = [row("10", "A"), row("9", "B", "4001"), row("9", "B", "999"), row("", "Z"), row("", "A")]
    expected = [("", "A", ""), ("", "Z", ""), ("9", "B", "999"), ("9", "B", "4001"), ("10", "A", "")]
    assert labels(rows) == labels(rows[::-1]) == expected


def test_over_the_limit_the_newest_wanted_campaigns_are_kept() -> None:
    rows = [row(str(number), "C") for number in (9, 10, 1, 100, 11, 2, 99)]
    lists = {REAL_TIME: Listing(NOW, (*rows, row("", "C"), row("101", "D")))}
    listing, over = wanted_campaigns(lists, chosen("C", limit=3))[REAL_TIME]
    assert [row.labels[0] for row in listing.rows] == ["11", "99", "100"]
    assert over == 5
