"""find_record and codify: what is coded is dialled no more."""

from collections.abc import Callable

import requests

from simulator.caller import MINUTE, Caller, FakeClock
from support.mischief import Fault
from support.simulator import Simulator

PAGE = [
    "customer_name",
    "customer_last_name",
    "customer_id",
    *(f"opt{number}" for number in range(1, 13)),
    *(f"tel{number}" for number in range(1, 4)),
    "date",
    "calls",
    "conn_id",
    "result",
    "campaign_id",
]


def codify(caller: Caller, campaign: str, kind: str = "predictive", **body: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.put(
            f"{caller.simulator.url}/api/v2/campaign.php",
            params={"api": "codify", "type_campaign": kind, "campaign_id": campaign},
            json=body,
            headers={"wolkvox-token": caller.token},
            timeout=20,
        )


def find(caller: Caller, campaign: str = "all", phone: str = "", customer: str = "") -> requests.Response:
    query = {"campaign_id": campaign, "customer_phone": phone, "customer_id": customer}
    return caller.call("campaign", api="find_record", **query)


def test_a_record_has_the_fields_of_the_page(bogota: Caller) -> None:
    (telephone, *_) = (row["telephone"] for row in bogota.rows(bogota.codes("4875")))
    (row,) = bogota.rows(find(bogota, "4875", telephone))
    assert list(row) == PAGE
    assert all(isinstance(value, str) for value in row.values())
    assert telephone in {row["tel1"], row["tel2"], row["tel3"]}
    assert row["customer_id"].startswith("FAKE-00000")
    assert (row["campaign_id"], row["result"]) == ("4875", "")
    assert int(row["calls"]) > 0
    assert bogota.rows(find(bogota, customer=row["customer_id"])) == [row]


def test_nobody_is_the_vendors_404(bogota: Caller) -> None:
    for answer in (
        find(bogota, "4875", "5550000000000"),
        find(bogota, customer="FAKE-00000999999"),
        find(bogota, customer="FAKE-x"),
        find(bogota, "999", customer="FAKE-00000000001"),
    ):
        assert (answer.status_code, answer.json()["msg"]) == (404, "Validate dates entered")
    assert find(bogota).status_code == 400


def test_a_coded_customer_tells_it_and_is_answered_as_the_page_has_it(mexico: Caller) -> None:
    campaign = mexico.rows(mexico.information())[0]["campaign_id"]
    answer = codify(mexico, campaign, cod_act="SIN_SERVICIO", customer_id="FAKE-00000000007")
    assert answer.status_code == 202
    assert answer.json() == {"code": 202, "error": None, "msg": "customer_id FAKE-00000000007 has been coded"}
    (row,) = mexico.rows(find(mexico, campaign, customer="FAKE-00000000007"))
    assert row["result"] == "SIN_SERVICIO"


def test_a_coded_customer_is_dialled_no_more(start: Callable[..., Simulator], clock: FakeClock) -> None:
    simulator = start(campaigns=1, events=False, records=(400, 400))
    caller = Caller(simulator, simulator.operations[0])
    before = {row["telephone"] for row in caller.rows(caller.codes("4875"))}
    for record in range(400):
        customer = f"FAKE-00000{record:06d}"
        (row,) = caller.rows(find(caller, customer=customer))
        if int(row["calls"]) == 0:
            assert codify(caller, "4875", cod_act="X", customer_id=customer).status_code == 202
    clock.now += 20 * MINUTE  # before the floor loads the list again
    assert {row["telephone"] for row in caller.rows(caller.codes("4875"))} == before
    assert simulator.campaign(caller.operation.name, "4875").figures.clean == 0


def test_what_cannot_be_coded_is_refused(bogota: Caller) -> None:
    for campaign, kind, body, status in (
        ("4875", "preview", {"cod_act": "X", "customer_id": "FAKE-00000000001"}, 404),
        ("1", "predictive", {"cod_act": "X", "customer_id": "FAKE-00000000001"}, 404),
        ("4875", "predictive", {"cod_act": "X", "customer_id": "nobody"}, 404),
        ("4875", "predictive", {"customer_id": "FAKE-00000000001"}, 400),
        ("4875", "predictive", {"cod_act": "X"}, 400),
    ):
        answer = codify(bogota, campaign, kind, **body)
        assert answer.status_code == status
        assert {"code", "error", "msg"} == answer.json().keys()
        assert answer.json()["error"]


def test_codify_wants_put_and_the_others_get(bogota: Caller) -> None:
    assert bogota.call("campaign", api="codify", campaign_id="4875").status_code == 405
    url = f"{bogota.simulator.url}/api/v2/real_time.php?api=campaigns"
    answer = requests.put(url, headers={"wolkvox-token": bogota.token}, timeout=20)
    assert answer.status_code == 405


def test_the_log_tells_who_was_coded(bogota: Caller) -> None:
    codify(bogota, "4875", cod_act="X", customer_id="FAKE-00000000001")
    record = bogota.simulator.requests[-1]
    assert (record.method, record.api, record.status) == ("PUT", "codify", 202)
    assert record.body["customer_id"] == "FAKE-00000000001"


def test_an_answer_can_be_lost_after_the_coding(bogota: Caller) -> None:
    bogota.simulator.faults.set(Fault("reset", times=1), api="codify")
    try:
        codify(bogota, "4875", cod_act="X", customer_id="FAKE-00000000001")
    except requests.ConnectionError:
        pass
    else:  # pragma: no cover
        raise AssertionError("an answer came")
    (row,) = bogota.rows(find(bogota, customer="FAKE-00000000001"))
    assert row["result"] == "X"
