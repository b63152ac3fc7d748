"""What audit_log tells, and of what; the names in it are for tests of privacy."""

from collections.abc import Callable

from simulator.caller import HOUR, MINUTE, STARTED, Caller, FakeClock
from support.simulator import Simulator

OPERATION = "ventas-bogota"


def actions(caller: Caller, first: str = "20260812100000", last: str = "20260812235959") -> list[str]:
    answer = caller.audit_log(first, last)
    return [row["action"] for row in caller.rows(answer)] if answer.status_code == 200 else []


def by_hand(caller: Caller) -> list[tuple[str, str]]:
    return [
        (row["date"], row["action"])
        for row in caller.rows(caller.audit_log())
        if row["action"].endswith(" campaign 4875")
    ]


def test_who_stops_a_campaign_is_told_with_the_second(bogota: Caller, clock: FakeClock) -> None:
    clock.now += 4 * MINUTE + 7
    control = bogota.simulator.campaign(OPERATION, "4875")
    control.act("stop")
    clock.now += 40 * MINUTE
    control.act("start")
    rows = [row for row in bogota.rows(bogota.audit_log()) if "campaign" in row["action"]]
    assert [(row["date"], row["action"]) for row in rows] == [
        ("2026-08-12 10:04:07", "Predictive: stop campaign 4875"),
        ("2026-08-12 10:44:07", "Predictive: start campaign 4875"),
    ]
    assert {row["user"] for row in rows} <= bogota.simulator.personal_data(OPERATION)
    # The range is inclusive, to the second.
    assert actions(bogota, "20260812100407", "20260812100407") == ["Predictive: stop campaign 4875"]
    assert actions(bogota, "20260812100408", "20260812100500") == []


def test_what_goes_off_by_itself_has_no_line_and_what_is_switched_on_again_has(
    bogota: Caller, clock: FakeClock
) -> None:
    control = bogota.simulator.campaign(OPERATION, "4875")
    control.act("go_off")
    assert not control.figures.started
    control.act("stall")
    control.act("move")
    assert by_hand(bogota) == []
    clock.now += 60
    control.act("auto")
    assert by_hand(bogota) == [("2026-08-12 10:01:00", "Predictive: start campaign 4875")]
    control.act("auto")
    assert len(by_hand(bogota)) == 1


def test_a_stop_that_is_staged_for_later_has_its_line_then(bogota: Caller, clock: FakeClock) -> None:
    staged = bogota.simulator.drill.stage("campaign-stopped-unscheduled")
    clock.now += 14 * MINUTE
    told = [f"Predictive: {action} campaign {staged.campaigns[0]}" for action in ("start", "stop")]
    assert [one for one in actions(bogota) if one in told] == told[:1]
    clock.now += 2 * MINUTE
    assert [one for one in actions(bogota) if one in told] == told


def test_agents_log_in_and_off(bogota: Caller, clock: FakeClock) -> None:
    clock.now += 10 * HOUR
    rows = bogota.rows(bogota.audit_log())
    came = {row["user"] for row in rows if row["action"].startswith("logged in to")}
    assert len(came) > 20
    assert {row["user"] for row in rows if row["action"] == "logged off"} == came
    assert min(row["date"] for row in rows) < "2026-08-12 08"
    assert len(bogota.rows(bogota.agents())) == 24


def test_every_line_names_invented_people_alone(mexico: Caller, clock: FakeClock) -> None:
    clock.now += HOUR
    mexico.simulator.campaign("cobranza-mexico", "5875").act("stop")
    mexico.real_time()
    people = mexico.simulator.personal_data("cobranza-mexico")
    rows = mexico.rows(mexico.audit_log())
    for row in rows:
        assert list(row) == ["date", "ip", "user", "action", "workstation"]
        assert row["user"] == "API" or {row["user"], row["ip"], row["workstation"]} <= people
    named = {row["agent_name"] for row in mexico.rows(mexico.agents())}
    ids = {row["agent_id"] for row in mexico.rows(mexico.agents())}
    assert named | ids <= people
    assert people.isdisjoint(mexico.simulator.personal_data("ventas-bogota")) is False  # computers are shared


def test_each_call_has_a_line_of_its_own_but_where_wolkvox_writes_none(
    bogota: Caller, lima: Caller, clock: FakeClock
) -> None:
    clock.now += MINUTE
    for caller in (bogota, lima):
        caller.real_time()
        caller.results()
        caller.call("real_time", api="nothing")
    first = "20260812100100"
    assert actions(bogota, first) == ["API campaigns has been consumed", "API campaign_4 has been consumed"]
    assert actions(bogota, first)[-1] == "API audit_log has been consumed"
    answer = lima.audit_log(first, "20260812100200")
    assert (answer.status_code, answer.json()["msg"]) == (404, "Validate dates entered")


def test_the_newest_may_come_first(lima: Caller, clock: FakeClock) -> None:
    clock.now += 10 * HOUR
    dates = [row["date"] for row in lima.rows(lima.audit_log())]
    assert len(dates) > 20
    assert dates == sorted(dates, reverse=True)


def test_calls_without_end_take_no_memory_without_end(simulator: Simulator, clock: FakeClock) -> None:
    operation = simulator.service.world.named(OPERATION)
    for number in range(30_000):
        operation.consumed.append((clock.now + number, "campaigns"))
        operation.act("4875", "stop" if number % 2 else "start", clock.now)
    caller = Caller(simulator, simulator.operation(OPERATION))
    clock.now += 9 * HOUR
    assert 5_000 < len(caller.rows(caller.audit_log())) < 6_000
    assert by_hand(caller)


def test_a_month_in_which_time_flies_is_told_in_time(
    start: Callable[..., Simulator], clock: FakeClock
) -> None:
    simulator = start(time_factor=86_400.0, campaigns=1)
    caller = Caller(simulator, simulator.operations[0])
    rows = caller.rows(caller.audit_log("20260801000000", "20260831235959"))
    assert 0 < len(rows) < 10_001
    assert all(row["date"] <= "2026-08-12 10:00:00" for row in rows)
    assert clock.now == STARTED
