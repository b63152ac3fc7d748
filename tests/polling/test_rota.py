from hypothesis import given
from hypothesis import strategies as st

from exporter.polling.rota import Rota

HOUR = 3600.0


def test_each_campaign_is_asked_for_once_an_interval() -> None:
    rota = Rota(HOUR)
    campaigns = ("1", "2", "3")
    asked = []
    now = 0.0
    while now < 3 * HOUR:
        campaign = rota.next(campaigns, now)
        if campaign is not None:
            rota.asked(campaign, now)
            asked.append((now, campaign))
        now = rota.due(campaigns, now, recheck=300)
    assert [campaign for _, campaign in asked] == ["1", "2", "3"] * 3
    assert [at for at, _ in asked] == [number * HOUR / 3 for number in range(9)]


def test_a_new_campaign_comes_before_those_that_were_asked_for() -> None:
    rota = Rota(HOUR)
    rota.asked("1", 0)
    assert rota.next(("1", "2"), 10) == "2"
    rota.asked("2", 10)
    assert rota.next(("1", "2"), 20) is None
    assert rota.next(("1", "2"), HOUR) == "1"


def test_without_campaigns_it_looks_again_soon() -> None:
    rota = Rota(HOUR)
    assert rota.next((), 0) is None
    assert rota.due((), 7, recheck=300) == 307


def test_when_all_were_asked_for_it_looks_for_new_ones() -> None:
    rota = Rota(HOUR)
    rota.asked("1", 0)
    assert rota.due(("1",), 0, recheck=300) == HOUR  # one campaign: its share is the whole interval
    for number in range(60):
        rota.asked(str(number), 0)
    many = tuple(str(number) for number in range(60))
    assert rota.due(many, 0, recheck=300) == 300


def test_campaigns_of_long_ago_are_forgotten() -> None:
    rota = Rota(HOUR)
    rota.asked("old", 0)
    rota.asked("new", 2 * HOUR)
    assert set(rota.times()) == {"new"}


def test_news_of_an_older_call_change_nothing() -> None:
    rota = Rota(HOUR)
    rota.asked("1", 100)
    rota.asked("1", 50)
    assert rota.times() == {"1": 100}


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True), min_size=1, max_size=40))
def test_no_campaign_is_asked_for_twice_within_an_interval(changing: list[list[str]]) -> None:
    rota = Rota(HOUR)
    last: dict[str, float] = {}
    now = 0.0
    for campaigns in changing:
        campaign = rota.next(campaigns, now)
        if campaign is not None:
            assert campaign in campaigns
            assert now >= last.get(campaign, -HOUR) + HOUR
            rota.asked(campaign, now)
            last[campaign] = now
        due = rota.due(campaigns, now, recheck=300)
        assert due > now
        now = due
