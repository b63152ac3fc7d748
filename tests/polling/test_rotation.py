from hypothesis import given
from hypothesis import strategies as st

from exporter.polling.rotation import CampaignRotation

HOUR = 3600.0


def test_each_campaign_is_asked_for_once_an_interval() -> None:
    rotation = CampaignRotation(HOUR)
    campaigns = ("1", "2", "3")
    asked = []
    now = 0.0
    while now < 3 * HOUR:
        campaign = rotation.next(campaigns, now)
        if campaign is not None:
            rotation.note_asked(campaign, now)
            asked.append((now, campaign))
        now = rotation.next_due(campaigns, now, recheck=300)
    assert [campaign for _, campaign in asked] == ["1", "2", "3"] * 3
    assert [at for at, _ in asked] == [number * HOUR / 3 for number in range(9)]


def test_a_new_campaign_comes_before_those_that_were_asked_for() -> None:
    rotation = CampaignRotation(HOUR)
    rotation.note_asked("1", 0)
    assert rotation.next(("1", "2"), 10) == "2"
    rotation.note_asked("2", 10)
    assert rotation.next(("1", "2"), 20) is None
    assert rotation.next(("1", "2"), HOUR) == "1"


def test_without_campaigns_it_looks_again_soon() -> None:
    rotation = CampaignRotation(HOUR)
    assert rotation.next((), 0) is None
    assert rotation.next_due((), 7, recheck=300) == 307


def test_when_all_were_asked_for_it_looks_for_new_ones() -> None:
    rotation = CampaignRotation(HOUR)
    rotation.note_asked("1", 0)
    assert rotation.next_due(("1",), 0, recheck=300) == HOUR  # one campaign: its share is the whole interval
    for number in range(60):
        rotation.note_asked(str(number), 0)
    many = tuple(str(number) for number in range(60))
    assert rotation.next_due(many, 0, recheck=300) == 300


def test_campaigns_of_long_ago_are_forgotten() -> None:
    rotation = CampaignRotation(HOUR)
    rotation.note_asked("old", 0)
    rotation.note_asked("new", 2 * HOUR)
    assert set(rotation.last_asked()) == {"new"}


def test_news_of_an_older_call_change_nothing() -> None:
    rotation = CampaignRotation(HOUR)
    rotation.note_asked("1", 100)
    rotation.note_asked("1", 50)
    assert rotation.last_asked() == {"1": 100}


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True), min_size=1, max_size=40))
def test_no_campaign_is_asked_for_twice_within_an_interval(changing: list[list[str]]) -> None:
    rotation = CampaignRotation(HOUR)
    last: dict[str, float] = {}
    now = 0.0
    for campaigns in changing:
        campaign = rotation.next(campaigns, now)
        if campaign is not None:
            assert campaign in campaigns
            assert now >= last.get(campaign, -HOUR) + HOUR
            rotation.note_asked(campaign, now)
            last[campaign] = now
        due = rotation.next_due(campaigns, now, recheck=300)
        assert due > now
        now = due
