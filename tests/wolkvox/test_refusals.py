import pytest

from exporter.wolkvox.errors import Cause
from exporter.wolkvox.refusals import REFUSALS, STATEMENTS, Verdict, classify, message
from wolkvox.vendor import envelope

SIMULTANEOUS = "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)"


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("TOKEN LIMIT EXCEEDED", Cause.QUOTA),
        ("Token   limit\n exceeded.", Cause.QUOTA),
        (SIMULTANEOUS, Cause.CONCURRENCY),
        (SIMULTANEOUS.lower(), Cause.CONCURRENCY),
        ("PLEASE VALIDATE TOKEN", Cause.AUTH),
        ("Please enter the wolkvox-token", Cause.AUTH),
        ("THE TOKEN IS INVALID, EXPIRED OR MALFORMED", Cause.AUTH),
        ("Malformed token", Cause.AUTH),
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_the_message_names_the_refusal_whatever_the_status(said: str, cause: Cause, status: int) -> None:
    assert classify(status, envelope(str(status), "Error", said), None) is cause
    assert classify(200, envelope("200", None, said), None) is cause
    assert classify(200, envelope(str(status), "Error", said, data=[]), 0) is cause


@pytest.mark.parametrize(
    ("said", "cause"), [(text, known.cause) for known in REFUSALS for text in known.words]
)
def test_the_vendors_own_words_come_to_their_cause(said: str, cause: Cause) -> None:
    assert classify(403, envelope("403", "Forbidden", said), None) is cause


def test_the_words_of_statements_name_no_other_refusal() -> None:
    for text in (text for known in STATEMENTS for text in known.words):
        assert classify(404, envelope("404", None, text), None) in {Verdict.EMPTY, Cause.FORBIDDEN}


@pytest.mark.parametrize(
    ("status", "document", "verdict"),
    [
        (403, envelope("403", "Forbidden", "Copia de seguridad en curso"), Cause.FORBIDDEN),
        (403, envelope("403", "Forbidden", None), Cause.FORBIDDEN),
        (403, None, Cause.HTTP_STATUS),
        (403, {"error": 1}, Cause.HTTP_STATUS),
        (400, envelope(400, "Bad Request", "THE API YOU WANT TO CONSULT DOES NOT EXIST"), Cause.HTTP_STATUS),
        (401, envelope(401, "Unauthorized", "?"), Cause.HTTP_STATUS),
        (500, envelope("500", "error", "SERVICE IN MAINTENANCE"), Cause.FORBIDDEN),
        (500, None, Cause.HTTP_STATUS),
        (503, [], Cause.HTTP_STATUS),
        (101, None, Cause.HTTP_STATUS),
        (204, None, Cause.HTTP_STATUS),
        (202, envelope(202, None, "coded"), Cause.HTTP_STATUS),
        (301, None, Cause.REDIRECT),
        (304, None, Cause.REDIRECT),
        (399, None, Cause.REDIRECT),
    ],
)
def test_statuses(status: int, document: object, verdict: Cause) -> None:
    assert classify(status, document, None) is verdict


@pytest.mark.parametrize("code", ["404", 404, 404.0, "", " ", None, "0", 0])
def test_404_in_the_vendors_envelope_is_a_list_without_rows(code: object) -> None:
    assert classify(404, envelope(code, "Not Found", "NO RECORDS WERE FOUND"), None) is Verdict.EMPTY
    assert classify(404, envelope(code, "not found", None, data=[]), 0) is Verdict.EMPTY


@pytest.mark.parametrize(
    ("document", "rows", "verdict"),
    [
        (None, None, Cause.HTTP_STATUS),
        ({"code": "404", "msg": "NO RECORDS"}, None, Cause.HTTP_STATUS),
        (envelope("200", None, "x"), None, Cause.HTTP_STATUS),
        (envelope("nonsense", None, "x"), None, Cause.HTTP_STATUS),
        (envelope("404", None, "x", data=[{}]), 1, Cause.HTTP_STATUS),
        (envelope("404", None, "TOO MANY RECORDS"), None, Cause.TOO_LARGE),
        (envelope("404", None, "The result exceeds 60,000 records"), None, Cause.TOO_LARGE),
        (envelope("404", None, "ACTION NOT ALLOWED"), None, Cause.FORBIDDEN),
    ],
)
def test_404_that_is_no_empty_list(document: object, rows: int | None, verdict: Cause) -> None:
    assert classify(404, document, rows) is verdict


@pytest.mark.parametrize(
    ("document", "rows", "verdict"),
    [
        ([], 0, Verdict.ROWS),
        ([], 5, Verdict.ROWS),
        (envelope("200", None, "TOKEN LIMIT EXCEEDED", data=[]), 5, Verdict.ROWS),
        (envelope("200", None, "0 records were found", data=[]), 0, Verdict.ROWS),
        (envelope("", None, "backup campaign: 0 records", data=[]), 0, Verdict.ROWS),
        (envelope("404", "Not Found", "NO RECORDS"), None, Verdict.EMPTY),
        (envelope("404", "Not Found", "NO RECORDS", data=[]), 0, Verdict.EMPTY),
        (envelope("404", "Not Found", "TOO MANY RECORDS", data=[]), 0, Cause.TOO_LARGE),
        (envelope("403", "Forbidden", "?"), None, Cause.FORBIDDEN),
        (envelope("403", "Forbidden", "?", data=[]), 0, Cause.FORBIDDEN),
        (envelope("500", "Error", "?", data=[]), 0, Cause.SHAPE),
        (envelope("500", "Error", "?"), None, Cause.SHAPE),
        (envelope("200", None, "ok"), None, Cause.SHAPE),
        (envelope("200", None, "ok", data={}), None, Cause.SHAPE),
        ({}, None, Cause.SHAPE),
        ("text", None, Cause.SHAPE),
        (None, None, Cause.SHAPE),
    ],
)
def test_200(document: object, rows: int | None, verdict: Verdict | Cause) -> None:
    assert classify(200, document, rows) is verdict


def test_the_message_is_msg_else_error() -> None:
    assert message(envelope(1, "e", "m")) == "m"
    assert message(envelope(1, "e", " ")) == "e"
    assert message(envelope(1, 2, 3)) == ""
    assert message(["msg"]) == ""


def test_a_long_message_costs_nothing() -> None:
    hostile = "token " * 1_000_000
    assert classify(403, envelope("403", "x", hostile), None) is Cause.FORBIDDEN
