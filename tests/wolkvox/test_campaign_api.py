"""find_record and codify on real sockets: what was sent, and what the end of it tells."""

import json
import socket
import ssl
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.wolkvox import (
    Cause,
    Client,
    Disposition,
    DispositionOutcome,
    DispositionResult,
    FoundRecord,
    find_record,
)
from exporter.wolkvox.campaign_api import judge_disposition
from wolkvox.vendor import Vendor, answer, dripping, envelope, hang, reset

TOKEN = "7b7d-secret-7b7d"
CUSTOMER = "FAKE-4711"
DISPOSITION = Disposition("4875", "predictive", CUSTOMER, "SIN_SERVICIO", "", "número muerto")
SERVE = Callable[..., Vendor]
YES = envelope(202, None, f"customer_id {CUSTOMER} has been coded")


def codify(vendor: Vendor, timeout: float = 15.0) -> DispositionResult:
    end = Client(vendor.url, timeout=timeout).codify(DISPOSITION, TOKEN)
    assert CUSTOMER not in repr(end)
    assert TOKEN not in repr(end)
    return end


def test_the_request_is_that_of_the_page(vendor: SERVE) -> None:
    server = vendor(answer(YES, "202 Accepted"))
    assert codify(server).outcome is DispositionOutcome.CODED
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first = head.decode().split("\r\n")[0]
    assert first == "PUT /api/v2/campaign.php?api=codify&type_campaign=predictive&campaign_id=4875 HTTP/1.1"
    assert b"Content-Type: application/json" in head
    if body:  # it may come in a packet of its own
        assert json.loads(body) == {
            "cod_act": "SIN_SERVICIO",
            "cod_act_2": "",
            "comment": "número muerto",
            "customer_id": CUSTOMER,
        }


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("202 Accepted", YES),
        ("200 OK", YES),
        ("200 OK", envelope("200", None, "coded")),
        ("200 OK", envelope("", None, "coded")),
        ("202 Accepted", envelope("202", "", "coded")),
    ],
)
def test_a_yes(vendor: SERVE, status: str, body: object) -> None:
    end = codify(vendor(answer(body, status)))
    assert (end.outcome, end.cause) == (DispositionOutcome.CODED, None)


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        ("404 Not Found", envelope("404", "Not Found", f"{CUSTOMER} was not found"), None),
        ("400 Bad Request", envelope(400, "Bad Request", "SOME PARAMETERS ARE REQUIRED"), None),
        ("200 OK", envelope("404", "Not Found", "no such campaign"), None),
        ("403 Forbidden", envelope("403", "Forbidden", "TOKEN LIMIT EXCEEDED"), Cause.QUOTA),
        ("403 Forbidden", envelope("403", "Forbidden", "PLEASE VALIDATE TOKEN"), Cause.AUTH),
        ("403 Forbidden", envelope("403", "Forbidden", "SIMULTANEOUS REQUESTS"), Cause.CONCURRENCY),
        ("403 Forbidden", envelope("403", "Forbidden", "closed"), Cause.FORBIDDEN),
        ("200 OK", envelope("403", "Forbidden", "TOKEN LIMIT EXCEEDED"), Cause.QUOTA),
    ],
)
def test_a_no(vendor: SERVE, status: str, body: object, cause: Cause | None) -> None:
    end = codify(vendor(answer(body, status)))
    assert (end.outcome, end.cause) == (DispositionOutcome.REFUSED, cause)
    assert end.words.startswith("HTTP ")


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        ("502 Bad Gateway", b"<html>nginx</html>", Cause.HTTP_STATUS),
        ("404 Not Found", b"<html>nginx</html>", Cause.HTTP_STATUS),
        ("500 Internal Server Error", envelope(500, "Error", "database"), Cause.HTTP_STATUS),
        ("200 OK", envelope(500, "Error", "database"), Cause.HTTP_STATUS),
        ("200 OK", b"<html>login</html>", Cause.SHAPE),
        ("200 OK", {}, Cause.SHAPE),
        ("200 OK", [], Cause.SHAPE),
        ("200 OK", b"", Cause.SHAPE),
        ("200 OK", envelope(202, "yes and no", "coded"), Cause.SHAPE),
        ("302 Found", b"", Cause.REDIRECT),
    ],
)
def test_an_answer_that_does_not_tell(vendor: SERVE, status: str, body: object, cause: Cause) -> None:
    end = codify(vendor(answer(body, status)))
    assert (end.outcome, end.cause) == (DispositionOutcome.UNKNOWN, cause)


@pytest.mark.parametrize("script", [hang, reset, b"", b"HTTP/1.1 202", dripping(b"", b"x")])
def test_sent_and_no_answer_seen(vendor: SERVE, script: bytes) -> None:
    assert codify(vendor(script), timeout=0.5).outcome is DispositionOutcome.UNKNOWN


def test_an_answer_cut_short_does_not_tell(vendor: SERVE) -> None:
    cut = answer(YES, "202 Accepted", Content_Length="4000")
    assert codify(vendor(cut)).outcome is DispositionOutcome.UNKNOWN


def test_never_sent_when_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    end = Client(f"http://127.0.0.1:{port}").codify(DISPOSITION, TOKEN)
    assert (end.outcome, end.cause) == (DispositionOutcome.NOT_SENT, Cause.CONNECTION)


def test_never_sent_when_tls_fails(vendor: SERVE, server_tls: ssl.SSLContext) -> None:
    server = vendor(answer(YES), server_tls)  # with a certificate that nobody vouches for
    end = Client(server.url, timeout=15).codify(DISPOSITION, TOKEN)
    assert (end.outcome, end.cause) == (DispositionOutcome.NOT_SENT, Cause.TLS)


def test_never_sent_without_a_token_that_a_header_can_carry(vendor: SERVE) -> None:
    server = vendor(answer(YES))
    end = Client(server.url).codify(DISPOSITION, "bad\ntoken")
    assert (end.outcome, end.cause, server.requests) == (DispositionOutcome.NOT_SENT, Cause.AUTH, [])


@given(
    st.integers(100, 599),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["code", "error", "msg", "data"]), inner)
        ),
    ),
)
def test_only_a_plain_yes_is_a_yes(status: int, body: object) -> None:
    end = judge_disposition(status, body, DISPOSITION, TOKEN)
    if end.outcome is DispositionOutcome.CODED:
        assert isinstance(body, dict)
        assert 200 <= status < 300
        assert {"code", "error", "msg"} <= body.keys()
        assert not str(body["error"] or "").strip()
    assert CUSTOMER not in end.words


def test_finding_by_telephone_and_by_customer() -> None:
    call = find_record("all", phone="5550000001")
    assert (call.path, dict(call.query)) == (
        "campaign.php",
        {"api": "find_record", "campaign_id": "all", "customer_phone": "5550000001", "customer_id": ""},
    )
    assert find_record("1", customer=CUSTOMER).query["customer_id"] == CUSTOMER
    assert "5550000001" not in repr(call)


def test_a_row_is_read() -> None:
    row: dict[str, object] = {
        "customer_name": "Ficticia",
        "customer_last_name": None,
        "customer_id": 1002003004,
        "tel10": "5550000010",
        "tel1": " 5550000001 ",
        "tel2": "",
        "opt3": "x",
        "telx": "no",
        "date": "2026-08-12 08:02:08",
        "calls": "3",
        "conn_id": "-",
        "result": "ANSWER",
        "campaign_id": "4875",
        "else": {},
    }
    record = FoundRecord.read(row)
    assert record is not None
    assert (record.customer_id, record.customer_last_name, record.conn_id) == ("1002003004", "", "")
    assert list(record.telephones.items()) == [(1, "5550000001"), (10, "5550000010")]
    assert (record.options, record.calls, record.result) == ({3: "x"}, "3", "ANSWER")
    assert "1002003004" not in repr(record)


@pytest.mark.parametrize("row", [None, 1, "x", [], {}, {"customer_id": "-"}, {"customer_id": []}])
def test_what_is_no_record(row: object) -> None:
    assert FoundRecord.read(row) is None
