"""What is said of an operation as a whole."""

from dataclasses import replace

import pytest

from doctor.support import AT, FINE, TOKEN_INFO, checks, kept, said, worse
from exporter.capture import Exchange, Failure
from exporter.doctor import Circumstances, Grade
from exporter.wolkvox import Cause
from support.fakes import campaign_settings_row, make_operation

(TOKEN_ROW,) = TOKEN_INFO


def told(**row: object) -> Exchange:
    return kept("token_info", [{**TOKEN_ROW, **row}])


def services(licences: str) -> Exchange:
    row = {
        "licenses": licences,
        "pbx": "yes",
        "intelligentdial": "yes",
        "customer_prot": "yes",
        "turbo_dial": "no",
    }
    return kept("services", {"code": "200", "error": None, "msg": "", "data": row})


def test_where_nothing_is_wrong_only_the_missing_schedule_is_odd() -> None:
    assert worse(checks()) == ["schedules odd: 1 of 1 campaigns have no schedule: 4875 VENTAS"]


def test_connection_tls_and_token_are_good_once_wolkvox_answers() -> None:
    found = checks()
    assert said(found, "connection") == ["good: the server answers"]
    assert said(found, "TLS") == ["good: TLSv1.3, with a certificate that is trusted"]
    assert said(found, "token") == ["good: wolkvox accepts it"]
    assert said(found, "address") == ["good: the name of the server has 1 address"]


def test_a_name_that_is_not_found() -> None:
    facts = replace(FINE, addresses=None, lookup_failure="the host name cannot be resolved")
    found = checks([], facts=facts)
    assert said(found, "address") == ["wrong: the host name cannot be resolved"]
    assert said(found, "connection") == []


@pytest.mark.parametrize(
    ("cause", "subject"),
    [(Cause.CONNECTION, "connection"), (Cause.TLS, "TLS"), (Cause.TIMEOUT, "connection")],
)
def test_a_server_that_does_not_answer(cause: Cause, subject: str) -> None:
    failed = Exchange("ventas", "token_info", "", AT, 10.0, failure=Failure(cause, "why not", "allow-list"))
    found = checks([failed])
    (check,) = [one for one in found if one.subject == subject]
    assert (check.grade, check.text, check.advice) == (Grade.WRONG, "why not", "allow-list")
    assert said(found, "token") == []


def test_a_proxy_is_told() -> None:
    found = checks(facts=replace(FINE, proxy=True, addresses=None))
    assert said(found, "proxy") == ["good: calls go through the proxy that HTTPS_PROXY names"]
    assert said(found, "address") == []


def test_a_token_that_is_refused() -> None:
    body = {"code": "403", "error": "Forbidden", "msg": "PLEASE VALIDATE TOKEN"}
    found = checks([kept("token_info", body, status=403)])
    assert said(found, "token") == ["wrong: HTTP 403; wolkvox says: PLEASE VALIDATE TOKEN"]
    assert said(found, "connection") == ["good: the server answers"]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (AT, "good: this machine's clock agrees with wolkvox's"),
        (AT - 30, "good: this machine's clock agrees with wolkvox's"),
        (AT - 61, "odd: this machine's clock is 60 s ahead of wolkvox's"),
        (AT - 3601, "wrong: this machine's clock is 3600 s ahead of wolkvox's"),
        (AT + 3600.6, "wrong: this machine's clock is 3600 s behind wolkvox's"),
    ],
)
def test_the_clock_is_compared_with_that_of_wolkvox(date: float, expected: str) -> None:
    assert said(checks([kept("token_info", [TOKEN_ROW], date=date)]), "clock") == [expected]


def test_without_a_date_nothing_is_said_of_the_clock() -> None:
    assert said(checks([kept("token_info", [TOKEN_ROW], date=None)]), "clock") == []


def test_licences_that_agree_and_that_differ() -> None:
    assert said(checks([told(), services("25")]), "licences") == [
        "good: 25 by the configuration, 25 by services, 25 by token_info (calls a day by 1,000)"
    ]
    (check,) = [one for one in checks([told(), services("20")]) if one.subject == "licences"]
    assert check.grade is Grade.WRONG
    assert "operations[0].licences" in check.advice
    assert said(checks([told(token_limit="20000"), services("25")]), "licences")[0].startswith(
        "odd: they differ"
    )


def test_licences_that_nobody_tells() -> None:
    found = checks([services("")], operation=make_operation(licences=None))
    assert said(found, "licences")[0].startswith("odd: neither the configuration nor wolkvox says")


def test_the_quota_of_the_day() -> None:
    (text,) = said(checks(), "quota")
    assert text.startswith(
        "good: 103 of 25,000 calls used today; the exporter stops at 12,500, and polling costs"
    )
    assert said(checks(facts=replace(FINE, used="12,500")), "quota")[0].startswith("wrong: 12,500 of 25,000")
    assert said(checks(facts=replace(FINE, limit="1,000", budget="500")), "quota")[0].startswith(
        "wrong: 103 of 1,000"
    )
    assert "limit is not known" in said(checks(facts=replace(FINE, budget="")), "quota")[0]
    assert "what is used today is not known" in said(checks(facts=replace(FINE, used="")), "quota")[0]


@pytest.mark.parametrize(
    ("used", "advised"), [("12,500", True), ("24,999", True), ("25,000", False), ("25,001", False)]
)
def test_a_smaller_reserve_is_advised_only_where_it_would_make_room(used: str, advised: bool) -> None:
    (check,) = [one for one in checks(facts=replace(FINE, used=used)) if one.subject == "quota"]
    assert ("quota_reserve" in check.advice) == advised


def test_a_second_user_of_the_token() -> None:
    assert said(checks([told(token_use_today="8")]), "token's calls")[0].startswith("good:")
    assert said(checks([told(token_use_today="340")]), "token's calls") == [
        "odd: calls of this token today: 340 by wolkvox's count, 3 by this exporter's"
    ]


def test_of_several_tokens_it_is_not_known_which_is_ours() -> None:
    rows = [TOKEN_ROW, {**TOKEN_ROW, "token_use_today": "340"}]
    assert said(checks([kept("token_info", rows)]), "token's calls") == []


def test_the_state_store() -> None:
    assert said(checks(), "state store") == ["good: it can be written"]
    assert said(checks(facts=replace(FINE, state_problem="disk full")), "state store") == ["wrong: disk full"]
    assert said(checks(facts=Circumstances()), "state store") == []


def test_what_was_not_asked_is_told() -> None:
    found = checks(facts=replace(FINE, not_asked={"skills": "no calls are left"}))
    assert said(found, "skills") == ["odd: not asked: no calls are left"]


def test_what_was_not_asked_for_the_same_reason_is_one_line_below_what_failed() -> None:
    facts = replace(FINE, not_asked=dict.fromkeys(("campaigns", "skills"), "why"))
    found = checks([kept("token_info", b"", status=503)], facts=facts)
    assert worse(found)[-2:] == [
        "token_info wrong: http_status: HTTP 503",
        "2 APIs odd: not asked: why (campaigns, skills)",
    ]


def test_the_same_failure_of_several_apis_is_one_line() -> None:
    found = checks([kept(api, b"", status=503) for api in ("token_info", "campaigns")])
    assert said(found, "2 APIs") == ["wrong: http_status: HTTP 503 (campaigns, token_info)"]


@pytest.mark.parametrize(
    ("msg", "subject"), [("PLEASE VALIDATE TOKEN", "token"), ("TOKEN LIMIT EXCEEDED", "quota")]
)
def test_a_refusal_of_all_is_told_once(msg: str, subject: str) -> None:
    found = checks([kept("token_info", {"code": "403", "error": "Forbidden", "msg": msg}, status=403)])
    (check,) = [one for one in found if one.grade is Grade.WRONG]
    assert (check.subject, check.text) == (subject, f"HTTP 403; wolkvox says: {msg}")


def test_where_nobody_answers_each_failure_is_told_once() -> None:
    failed = [
        Exchange("ventas", api, "", AT, 60.0, failure=Failure(Cause.TIMEOUT, "no complete answer"))
        for api in ("token_info", "campaigns")
    ]
    assert [one for one in worse(checks(failed)) if "wrong" in one] == [
        "connection wrong: no complete answer"
    ]


def test_without_an_api_nothing_is_known() -> None:
    off = {name: replace(one, enabled=False) for name, one in make_operation().apis.items()}
    found = checks([], operation=make_operation(apis=off))
    assert said(found, "configuration") == ["wrong: no API is switched on"]


def test_what_was_not_told_because_the_meter_failed_is_not_guessed_at() -> None:
    failed = [kept("token_info", b"<html>", status=503), kept("services", b"<html>", status=503)]
    found = checks(failed, operation=make_operation(licences=None), facts=Circumstances())
    assert said(found, "licences") == said(found, "quota") == []


def test_a_refusal_of_today_is_wrong_although_nothing_was_asked() -> None:
    facts = replace(FINE, refused="20:03", not_asked={"campaigns": "today's call budget is used up"})
    assert said(checks([], facts=facts), "quota") == [
        "wrong: wolkvox refused a call at 20:03: the operation's calls of today are used up"
    ]


def test_lists_that_disagree_are_told() -> None:
    nothing = {"code": "404", "error": "Not Found", "msg": "Validate dates entered"}
    answers = [kept("campaigns", nothing, status=404), kept("campaign_settings", [campaign_settings_row()])]
    (check,) = [one for one in checks(answers) if one.subject == "campaigns"]
    assert check.advice.startswith("another list has campaigns")
    (check,) = [one for one in checks(answers[:1]) if one.subject == "campaigns"]
    assert check.advice.startswith("the operation has no campaign")
