import pytest

from exporter.apis.telephones import Telephone, TelephoneReader
from exporter.operators.plan import Action, PlanRow, customers, make_plan
from exporter.wolkvox import FoundRecord
from support.fakes import telephone_row


def dead(*numbers: str) -> list[Telephone]:
    reader = TelephoneReader()
    reader.add(telephone_row(number, 0, 0, 0, 2, 2) for number in numbers)
    return list(reader.telephones())


def record(customer: str, *telephones: str, campaign: str = "4875", result: str = "") -> FoundRecord:
    found = FoundRecord.read(
        {
            "customer_id": customer,
            "campaign_id": campaign,
            "result": result,
            **{f"tel{number}": telephone for number, telephone in enumerate(telephones, 1)},
        }
    )
    assert found is not None
    return found


def plan(numbers: list[str], records: dict[str, list[FoundRecord]], **more: bool) -> list[PlanRow]:
    return make_plan("4875", dead(*numbers), records, "MUERTO", **more)


def reason_of(row: PlanRow) -> str | int | None:
    return row.cells(for_people=False)["reason"]


def test_a_customer_is_coded_when_every_telephone_is_dead() -> None:
    ours = record("FAKE-1", "11", "12")
    rows = plan(["11", "12"], {"11": [ours], "12": [ours]})
    assert [row.action for row in rows] == [Action.CODE, Action.CODE]
    assert customers(rows) == ["FAKE-1"]


def test_a_customer_with_a_telephone_that_may_work_is_kept() -> None:
    (row,) = plan(["11"], {"11": [record("FAKE-1", "11", "", "13")]})
    assert (row.action, reason_of(row)) == (Action.KEEP, "not known to be unreachable: tel3")
    assert "13" not in str(reason_of(row)).replace("tel3", "")
    (row,) = plan(["11"], {"11": [record("FAKE-1", "11", "12")]}, any_telephone=True)
    assert (row.action, reason_of(row)) == (Action.CODE, "this telephone is unreachable; also gives up tel2")


@pytest.mark.parametrize("any_telephone", [False, True])
@pytest.mark.parametrize("shown", [(), ("5711",), ("5711", "12")])
def test_a_record_that_shows_no_dead_telephone_is_kept(shown: tuple[str, ...], any_telephone: bool) -> None:
    # Whatever wolkvox takes for a match: a customer is coded for telephones of his own alone.
    rows = plan(["11"], {"11": [record("FAKE-1", *shown)]}, any_telephone=any_telephone)
    assert [(row.action, reason_of(row)) for row in rows] == [
        (Action.KEEP, "no telephone of the record is known to be unreachable")
    ]
    assert customers(rows) == []


def test_a_customer_of_two_records_is_kept_for_a_telephone_of_either() -> None:
    records = {"11": [record("FAKE-1", "11"), record("FAKE-1", "11", "13")], "12": [record("FAKE-2", "12")]}
    rows = plan(["11", "12"], records)
    assert [(row.customer_id, row.action, reason_of(row)) for row in rows] == [
        ("FAKE-1", Action.KEEP, "another record of this customer is kept"),
        ("FAKE-1", Action.KEEP, "not known to be unreachable: tel2"),
        ("FAKE-2", Action.CODE, "every telephone of the record is unreachable"),
    ]
    assert customers(rows) == ["FAKE-2"]
    assert customers(plan(["11", "12"], records, any_telephone=True)) == ["FAKE-1", "FAKE-2"]


def test_nothing_to_do() -> None:
    rows = plan(
        ["11", "12", "13", "14"],
        {
            "11": [],
            "12": [record("", "12")],
            "13": [record("FAKE-3", "13", campaign="9999")],
            "14": [record("FAKE-4", "14", result="muerto")],
        },
    )
    assert [(row.action, reason_of(row)) for row in rows] == [
        (Action.NONE, "no record of this campaign has this telephone"),
        (Action.NONE, "the record has no customer id"),
        (Action.NONE, "no record of this campaign has this telephone"),
        (Action.NONE, "already coded"),
    ]
    assert customers(rows) == []


def test_a_telephone_of_two_customers_is_judged_for_each() -> None:
    rows = plan(["11"], {"11": [record("FAKE-1", "11"), record("FAKE-2", "11", "12")]})
    assert [(row.customer_id, row.action) for row in rows] == [
        ("FAKE-1", Action.CODE),
        ("FAKE-2", Action.KEEP),
    ]
    assert rows[0].cells(for_people=False)["congestion"] == 2
    assert "FAKE" not in repr(rows)


def test_a_telephone_that_is_dead_and_not_looked_up_counts_as_dead_and_has_no_row() -> None:
    (row,) = plan(["11", "12"], {"11": [record("FAKE-1", "11", "12")]})
    assert (row.telephone.number, row.action) == ("11", Action.CODE)
