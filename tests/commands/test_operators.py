"""The operator's commands from their flags to what a person reads, against the simulator."""

import csv
import io
import json
import logging
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from exporter.__main__ import main
from exporter.apis import BY_NAME
from exporter.commands.support.command_examples import EXAMPLES
from exporter.simulator import SimulatorSettings
from operators.limits import files_up_to
from support.fakes import telephone_row
from support.mischief import Fault
from support.simulator import Simulator
from wolkvox.vendor import Vendor

MEN = [f"FAKE-00000{number:06d}" for number in range(600, 605)]
OPERATORS = ("machine-codes", "find-record", "codify", "clean-list")
CODIFY = ("codify", "--campaign=4875", "--type=predictive", "--cod-act=SIN_SERVICIO")


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.out)
        return found


class Shell:
    """A configuration for the simulator, and commands run with it."""

    def __init__(self, simulator: Simulator, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.simulator = simulator
        self.folder = folder
        self._capsys = capsys
        self.configure()

    def configure(self, *, writes: bool = True, **operation: object) -> None:
        facts = self.simulator.operations[0]
        entry = {
            "name": facts.name,
            "base_url": self.simulator.url,
            "token": facts.token,
            "licences": facts.licences,
            "timezone": facts.timezone,
            **operation,
        }
        config = {
            "operations": [{key: value for key, value in entry.items() if value is not None}],
            "state": {"url": f"sqlite://{self.folder}/state.db"},
            "writes": {"enabled": writes},
        }
        (self.folder / "config.yaml").write_text(json.dumps(config))

    def run(self, command: str, *flags: str | Path) -> Result:
        arguments = [
            command,
            f"--config.file={self.folder / 'config.yaml'}",
            *(os.fspath(flag) for flag in flags),
        ]
        code = main(arguments)
        return Result(code, *self._capsys.readouterr())

    def sheet(self, text: str, name: str = "list.csv") -> str:
        (self.folder / name).write_text(text)
        return f"--from-csv={self.folder / name}"

    def asked(self, api: str | None = None) -> int:
        return len(self.simulator.requests.all(api=api))


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Shell]]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    with ExitStack() as stack:

        def make(**settings: Any) -> Shell:
            chosen = {"latency": 0, "operations": 1, "campaigns": 2, "records": (1000, 1000), **settings}
            simulator = stack.enter_context(Simulator(SimulatorSettings(**chosen)))
            return Shell(simulator, tmp_path, capsys)

        yield make
    root.handlers[:] = before[0]
    root.setLevel(before[1])


def test_machine_codes_gives_the_telephones(shell: Callable[..., Shell]) -> None:
    sh = shell()
    everybody = sh.run("machine-codes", "--campaign=4875", "--output=json").rows
    assert len(everybody) > 100
    dead = sh.run("machine-codes", "--campaign=4875", "--output=json", "--unreachable").rows
    assert 0 < len(dead) < len(everybody) / 5
    for row in dead:
        assert row["congestion"] + row["failed"] == row["total_machine_recognitions"] >= 3
    busy = sh.run("machine-codes", "--output=jsonl", "--code=busy", "--min-attempts=1").out.splitlines()
    assert busy
    assert all(json.loads(line)["busy"] > 0 for line in busy)
    table = sh.run("machine-codes", "--campaign=4875").out.splitlines()
    assert table[0].split()[0] == "telephone"
    assert len(table) == len(everybody) + 2


def test_machine_codes_asks_for_the_span_in_the_operations_zone(shell: Callable[..., Shell]) -> None:
    sh = shell()
    result = sh.run("machine-codes", "--from=2026-07-01", "--to=2026-07-31", "--output=csv")
    assert (result.code, result.out.splitlines()[0].split(",")[0]) == (0, "telephone")
    query = sh.simulator.requests[-1].query
    assert (query["date_ini"], query["date_end"]) == ("20260701000000", "20260731235959")
    refused = sh.run("machine-codes", "--from=2026-07-01", "--to=2026-08-01")
    assert (refused.code, refused.out) == (1, "")
    assert "more than 31 days, the longest range that wolkvox reports" in refused.err
    assert sh.asked() == 1


def test_machine_codes_sums_campaigns(shell: Callable[..., Shell]) -> None:
    sh = shell()
    rows = sh.run("machine-codes", "--sums", "--output=json").rows
    assert [row["campaign_id"] for row in rows] == ["4875", "4876"]
    assert sh.asked() == 4  # the list of campaigns, their reports, and what others have used of the budget
    (row,) = sh.run("machine-codes", "--sums", "--campaign=4875", "--output=json").rows
    assert {name: row[name] for name in ("telephones", "unreachable")} == {
        name: rows[0][name] for name in ("telephones", "unreachable")
    }


REPORT = "campaign_8 of campaign {} from 2026-07-01 00:00:00 to 2026-07-02 23:59:59 (America/Bogota)"
RANGE = ("--from=2026-07-01", "--to=2026-07-02")
CLEAN = ("clean-list", "--type=predictive", "--cod-act=MUERTO", "--output=json")
EMPTY: dict[str, tuple[tuple[str, ...], str, int]] = {
    "telephones": (("machine-codes", *RANGE), f"no telephones; asked for report {REPORT}", 0),
    "sums": (("machine-codes", "--sums", *RANGE), f"no telephones; asked for report {REPORT}", 0),
    "plan": ((*CLEAN, *RANGE), f"no telephones; asked for report {REPORT}", 0),
    "record": (
        ("find-record", "--phone=5559999999"),
        "no record was found; asked for find_record by telephone in campaign {}",
        1,
    ),
}


@pytest.mark.parametrize(("command", "asked", "rows"), EMPTY.values(), ids=EMPTY)
def test_an_empty_answer_says_what_was_asked_what_came_and_whether_the_campaign_exists(
    shell: Callable[..., Shell], command: tuple[str, ...], asked: str, rows: int
) -> None:
    sh = shell()
    answered = 'wolkvox-exporter: wolkvox answered HTTP 404 "Validate dates entered", 0 rows'

    def run(campaign: str) -> tuple[int, list[str]]:
        result = sh.run(command[0], *command[1:], f"--campaign={campaign}", "--output=json")
        assert len(result.rows) == rows
        return result.code, result.err.splitlines()

    first = f"wolkvox-exporter: {asked.format('99999')}"
    missing = "wolkvox-exporter: campaign 99999 does not exist: ventas-bogota has no such campaign"
    assert run("99999") == (1, [first, answered, missing])
    assert sh.asked() == 2, "without stored lists one call tells what campaigns there are"
    sh.simulator.faults.set(Fault("empty"), api="campaign_settings")
    unknown = "whether campaign 99999 exists is not known: there is no full list of campaigns"
    assert run("99999") == (0, [first, answered, f"wolkvox-exporter: {unknown}"])
    sh.simulator.faults.clear()
    assert sh.run("once").code == 0
    calls = sh.asked()
    assert run("99999") == (1, [first, answered, missing])
    exists = "wolkvox-exporter: campaign 4875 (VENTAS HOGAR - Región Ficticia) exists"
    assert run("4875") == (0, [f"wolkvox-exporter: {asked.format('4875')}", answered, exists])
    assert sh.asked() == calls + 2, "what campaigns there are is known without a call"


def test_an_empty_report_of_all_campaigns_is_told(shell: Callable[..., Shell]) -> None:
    sh = shell()
    result = sh.run("machine-codes", *RANGE, "--output=csv")
    assert (result.code, len(result.out.splitlines())) == (0, 1)
    assert result.err.splitlines()[0].endswith(REPORT.replace("campaign {}", "all campaigns"))
    sums = sh.run("machine-codes", "--sums", *RANGE, "--output=jsonl")
    assert (sums.code, sums.out) == (0, "")
    assert sums.err.splitlines()[0].endswith(REPORT.replace("campaign {}", "campaigns 4875, 4876"))
    sh.simulator.faults.set(Fault("empty"))
    nothing = sh.run("machine-codes", "--sums", "--output=json")
    assert (nothing.code, nothing.rows) == (0, [])
    assert "no campaigns; asked for the list of campaigns\n" in nothing.err


def test_campaigns_that_are_not_added_up_are_told(shell: Callable[..., Shell]) -> None:
    sh = shell()
    rows: tuple[object, ...] = (
        {"campaign": "4875 - VENTAS - tel1 (100%)", "dial": "0"},
        {"campaign": "VENTAS", "dial": "5"},
    )
    sh.simulator.faults.set(Fault("rows", rows=rows), api="campaigns")
    result = sh.run("machine-codes", "--sums", "--output=json")
    assert (result.code, result.rows) == (0, [])
    assert "1 campaign left out: their ids cannot be read" in result.err
    assert "none of 2 campaigns has dialled records" in result.err
    sh.simulator.faults.set(Fault("rows", rows=({"x": 1},)), api="campaigns")
    assert "wolkvox: shape: no row has the expected shape" in sh.run("machine-codes", "--sums").err


def test_conditions_that_nothing_meets_say_how_many_were_left_out(shell: Callable[..., Shell]) -> None:
    sh = shell()
    count = len(sh.run("machine-codes", "--campaign=4875", "--output=json").rows)
    flags = ("--unreachable", "--min-attempts=100", "--code=busy")
    result = sh.run("machine-codes", "--campaign=4875", *flags, "--output=json")
    assert (result.code, result.rows) == (0, [])
    conditions = "--unreachable and --min-attempts 100 and --code busy"
    assert f"none of {count} telephones of campaign 4875 is known to meet {conditions}\n" in result.err
    sums = sh.run("machine-codes", "--sums", *flags, "--output=json")
    assert (sums.code, sums.rows) == (0, [])
    assert f"of campaigns 4875, 4876 is known to meet {conditions}\n" in sums.err
    plan = sh.run(*CLEAN, "--campaign=4875", "--min-attempts=100")
    assert f"0 of {count} telephones are unreachable and have at least 100 codes\n" in plan.err


def test_what_is_not_known_of_a_telephone_is_told(shell: Callable[..., Shell]) -> None:
    sh = shell()
    dead = telephone_row("5550000001", 0, 0, 0, 2, 2)
    rows = (dead, dead | {"busy": "n/d"}, telephone_row("5550000002", 1))
    sh.simulator.faults.set(Fault("rows", rows=rows), api="machine_codes")
    for command in (("machine-codes", "--unreachable"), CLEAN):
        result = sh.run(*command, "--campaign=4875", "--output=json")
        assert (result.code, result.rows) == (0, [])
        assert "telephones left out because not all of their codes are known: 1\n" in result.err


@pytest.mark.parametrize(
    "command", [("machine-codes",), ("machine-codes", "--sums"), CLEAN, ("find-record", "--phone=5550000001")]
)
def test_an_answer_without_a_usable_row_is_a_failure(
    shell: Callable[..., Shell], command: tuple[str, ...]
) -> None:
    sh = shell()
    sh.simulator.faults.set(Fault("rows", rows=({"x": 1}, 7)))
    result = sh.run(*command, "--campaign=4875", "--output=json")
    assert (result.code, result.out) == (1, "")
    assert "wolkvox: shape: no row has the expected shape" in result.err


def test_a_report_with_nothing_but_its_total_names_no_telephone(shell: Callable[..., Shell]) -> None:
    sh = shell()
    sh.simulator.faults.set(Fault("rows", rows=({"telephone": "TOTAL", "busy": "5"},)))
    result = sh.run("machine-codes", "--campaign=4875", "--output=json")
    assert (result.code, result.rows) == (0, [])
    assert 'wolkvox answered HTTP 200 "1 records were found", 1 row\n' in result.err


def test_what_wolkvox_said_is_repeated_on_one_short_line_without_the_person(
    shell: Callable[..., Shell],
) -> None:
    sh = shell()
    said = "nobody has Ana-1\x1b]0;owned\x07\r\n\u202e or ANA-1 " + "x" * 5000
    body = json.dumps({"code": "404", "error": "Not Found", "msg": said})
    sh.simulator.faults.set(Fault("http_status", status=404, body=body))
    result = sh.run("find-record", "--customer=Ana-1", "--campaign=4875")
    assert result.code == 0
    line = next(line for line in result.err.split("\n") if "wolkvox answered" in line)
    assert line.startswith('wolkvox-exporter: wolkvox answered HTTP 404 "nobody has *** ]0;owned or *** xxx')
    assert line.isprintable()
    assert len(line) < 300
    assert "ana-1" not in result.err.casefold()


def test_a_customer_whose_number_rang_in_another_row_is_not_coded(shell: Callable[..., Shell]) -> None:
    sh = shell()
    (record,) = sh.run("find-record", f"--customer={MEN[0]}", "--output=json").rows
    numbers = [record[f"tel{slot}"] for slot in range(1, 11) if record[f"tel{slot}"]]
    dead = [telephone_row(number, 0, 0, 0, 0, 3) for number in numbers]
    others = [telephone_row(f"55599999{number:02d}", 0, 0, 0, 1, 0) for number in range(10)]
    clean = ("clean-list", "--campaign=4875", "--type=predictive", "--cod-act=MUERTO")
    rang = telephone_row(f" {numbers[0]} ", 5)
    sh.simulator.faults.set(Fault("rows", rows=(*dead, rang, *others, *dead)), api="machine_codes")
    kept = sh.run(*clean, "--yes")
    assert (kept.code, sh.asked("codify")) == (0, 0)
    total = f"{len(numbers) + 10} telephones"
    assert f"{len(numbers) - 1} of {total} are unreachable" in kept.err
    (sums,) = sh.run("machine-codes", "--campaign=4875", "--sums", "--output=json").rows
    assert (sums["telephones"], sums["unreachable"]) == (len(numbers) + 10, len(numbers) - 1)
    assert (sums["no_answer"], sums["failed"]) == (5, 6 * len(numbers))
    shown = sh.run("machine-codes", "--campaign=4875", "--output=json").rows
    assert [row["telephone"] for row in shown[: len(numbers)]] == numbers
    assert (shown[0]["no_answer"], shown[0]["failed"], len(shown)) == (5, 6, len(numbers) + 10)
    sh.simulator.faults.set(Fault("rows", rows=(*dead, *others, *dead)), api="machine_codes")
    assert sh.run(*clean, "--yes").code == 0
    assert {one.body["customer_id"] for one in sh.simulator.requests.all(api="codify")} == {MEN[0]}


def test_a_broken_report_leaves_nothing_behind(shell: Callable[..., Shell]) -> None:
    sh = shell()
    sh.simulator.faults.set(Fault("truncated_json"))
    out = sh.folder / "out.csv"
    result = sh.run("machine-codes", "--output=csv", "--output-file", out)
    assert result.code == 1
    assert "wolkvox: decode: the answer ends in the middle of its rows" in result.err
    assert not out.exists()
    assert sh.run("machine-codes", "--output=csv").out == ""


def test_unreadable_figures_are_empty_and_told(shell: Callable[..., Shell]) -> None:
    sh = shell()
    rows = ({"telephone": "5550000001", "busy": "n/d", "failed": "1"}, {"telephone": "x"})
    sh.simulator.faults.set(Fault("rows", rows=rows))
    result = sh.run("machine-codes", "--output=json")
    assert [(row["busy"], row["failed"]) for row in result.rows] == [(None, 1)]
    assert "rows left out because they are not telephones: 1" in result.err
    assert "counts left empty because they are unreadable: 1" in result.err


def test_as_many_rows_as_wolkvox_gives_at_most_are_told(shell: Callable[..., Shell]) -> None:
    sh = shell()
    rows = tuple({"telephone": f"555{number:07d}"} for number in range(60_000))
    sh.simulator.faults.set(Fault("rows", rows=rows))
    assert "some may be missing" in sh.run("machine-codes", "--min-attempts=1").err


def test_find_record(shell: Callable[..., Shell]) -> None:
    sh = shell()
    (row,) = sh.run("find-record", f"--customer={MEN[0]}", "--output=json").rows
    assert (row["asked"], row["found"], row["customer_id"]) == (MEN[0], 1, MEN[0])
    (same,) = sh.run("find-record", "--phone", row["tel1"], "--campaign=4875", "--output=json").rows
    assert same["customer_id"] == MEN[0]
    nobody = sh.run("find-record", "--phone=5559999999", "--output=json")
    assert (nobody.code, nobody.rows[0]["found"]) == (0, 0)
    assert "no record was found" in nobody.err


def test_a_list_of_look_ups_goes_on_where_it_ended(shell: Callable[..., Shell]) -> None:
    sh = shell()
    sheet = sh.sheet("customer_id;nombre\n" + "".join(f"{man};x\n" for man in [*MEN, "nobody"]))
    sh.simulator.faults.set(Fault("maintenance"), api="find_record")
    first = sh.run("find-record", sheet, "--output=csv")
    assert (first.code, len(first.out.splitlines())) == (1, 1)
    assert "look-ups left: 6; run the same command again to continue" in first.err
    sh.simulator.faults.clear()
    sh.simulator.faults.set(Fault("http_status", times=1, status=500), api="find_record")
    second = sh.run("find-record", sheet, "--output=csv")
    assert second.code == 1
    assert "1 look-up failed (the first: http_status" in second.err
    asked = sh.asked("find_record")
    third = sh.run("find-record", sheet, "--output=csv")
    assert (third.code, sh.asked("find_record")) == (0, asked + 1)
    found = list(csv.DictReader(third.out.splitlines()))
    assert [(row["asked"], row["found"]) for row in found] == [*((man, "1") for man in MEN), ("nobody", "0")]
    # It is through: nothing about these people stays behind.
    assert list((sh.folder / "journals").iterdir()) == []


def test_what_is_kept_of_an_unfinished_list_can_be_forgotten(shell: Callable[..., Shell]) -> None:
    sh = shell()
    sh.simulator.faults.set(Fault("http_status", times=1, status=500), api="find_record")
    sh.run("find-record", sh.sheet("telephone\n5550000001\n5550000002\n"))
    assert list((sh.folder / "journals").iterdir()) != []
    assert "removed" in sh.run("find-record", "--forget").err
    assert list((sh.folder / "journals").iterdir()) == []
    assert "there are no saved answers" in sh.run("find-record", "--forget").err


def test_a_list_without_a_column_that_we_know(shell: Callable[..., Shell]) -> None:
    sh = shell()
    result = sh.run("find-record", sh.sheet("nombre\nx\n"))
    assert (result.code, sh.asked()) == (1, 0)
    assert "line 1: the column customer_id or phone or telephone is missing" in result.err


def test_codify_is_a_dry_run_unless_told_otherwise(shell: Callable[..., Shell]) -> None:
    sh = shell()
    result = sh.run(*CODIFY, sh.sheet("customer_id\n" + "\n".join(MEN)))
    assert (result.code, result.out, sh.asked()) == (0, "", 0)
    assert "5 customers to code: 5 calls of" in result.err
    assert "dry run" in result.err
    assert not (sh.folder / "journals").exists()


def test_codify_codes_and_tells_the_log_without_the_customers(shell: Callable[..., Shell]) -> None:
    sh = shell()
    sheet = sh.sheet(f"customer_id,cod_act,comment\n{MEN[0]},OTRA,hola\n{MEN[1]},,\n")
    result = sh.run(*CODIFY, sheet, "--yes")
    assert (result.code, result.out) == (0, "coded 2\nrefused 0\nunknown 0\nleft 0\n")
    bodies = [record.body for record in sh.simulator.requests.all(api="codify")]
    assert [(body["cod_act"], body["comment"]) for body in bodies] == [("OTRA", "hola"), ("SIN_SERVICIO", "")]
    assert "msg=audit action=codify user=" in result.err
    assert "campaign=4875 customers=2 coded=2 coded_before=0" in result.err
    assert "FAKE" not in result.err
    again = sh.run(*CODIFY, sheet, "--yes")
    # Two codings, and what others have used of the budget.
    assert (again.code, again.out.splitlines()[0], sh.asked()) == (0, "coded 0, 2 before", 3)
    assert "already coded, left as they are: 2 customers" in sh.run(*CODIFY, sheet).err


def test_codify_says_that_a_customer_keeps_another_code(shell: Callable[..., Shell]) -> None:
    sh = shell()
    one = ("--customer", MEN[0])
    assert sh.run(*CODIFY, *one, "--yes").code == 0
    other = [*CODIFY[:-1], "--cod-act=MUERTO"]
    assert "already coded with another code, which they keep: 1 customer" in sh.run(*other, *one).err
    result = sh.run(*other, *one, "--yes")
    kept = f"coded before with another code, which they keep: 1\n  {MEN[0]}: SIN_SERVICIO"
    assert (result.code, result.out) == (1, f"coded 0\n{kept}\nrefused 0\nunknown 0\nleft 0\n")
    assert "no customer is coded twice; --forget" in result.err
    assert "coded_before=0 coded_otherwise=1 " in result.err


def test_codify_leaves_to_others_what_they_have_used_and_is_theirs(shell: Callable[..., Shell]) -> None:
    # Others have made 495 of the 500 calls of the budget: token_info is one more, and four codings fit.
    sh = shell()
    off = {name: {"enabled": False} for name, api in BY_NAME.items() if api.enabled}
    sh.configure(licences=1, apis=off)
    facts = sh.simulator.operations[0]
    service = sh.simulator.service
    operation = sh.simulator.operation(facts.name)
    service.access.set_used(operation, operation.tokens[-1], 495, service.clock())
    result = sh.run(*CODIFY, "--customer", *MEN, *(f"nobody-{number}" for number in range(20)), "--yes")
    assert result.code == 1
    assert sh.asked("codify") == 4
    assert "today's budget has room for 4 calls of" in result.err
    assert "run the same command tomorrow" in result.err
    assert service.access.usage(operation, service.clock()).total == 500


def test_codify_tells_who_needs_a_person(shell: Callable[..., Shell]) -> None:
    sh = shell()
    sh.simulator.faults.set(Fault("http_status", times=1, status=502), api="codify")
    result = sh.run(*CODIFY, "--customer", MEN[0], "nobody", f"--customer={MEN[1]}", "--yes")
    assert result.code == 1
    assert result.out.splitlines() == [
        "coded 1",
        "refused 1",
        "  nobody: HTTP 404: customer_id *** was not found",
        "unknown 1",
        f"  {MEN[0]}: HTTP 502",
        "left 0",
    ]
    preview = sh.run(*CODIFY, f"--customer={MEN[0]}", "--customer=nobody", f"--customer={MEN[1]}").err
    for text in ("already coded,", "refused before,", "sent before without an answer,"):
        assert re.search(f"{text}.*: 1 customer\n", preview)
    fixed = sh.run(*CODIFY, f"--customer={MEN[0]}", "--retry-unknown", "--yes")
    assert (fixed.code, fixed.out.splitlines()[0]) == (0, "coded 1")


def test_a_terminal_that_lacks_a_letter_still_hears_who_needs_a_person(
    shell: Callable[..., Shell], monkeypatch: pytest.MonkeyPatch
) -> None:
    sh = shell()
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding="ascii"))
    assert sh.run(*CODIFY, "--customer=Ñandú", "--yes").code == 1
    assert b"refused 1\n  ?and?: " in printed.getvalue()


def test_nothing_is_written_unless_the_configuration_says_so(shell: Callable[..., Shell]) -> None:
    sh = shell()
    sh.configure(writes=False)
    clean = ("clean-list", "--campaign=4875", "--type=predictive", "--cod-act=X", "--yes")
    for command in ((*CODIFY, f"--customer={MEN[0]}", "--yes"), clean):
        result = sh.run(*command)
        assert (result.code, result.out, sh.asked()) == (1, "", 0)
        assert "writes: {enabled: true}" in result.err
    assert sh.run(*CODIFY, f"--customer={MEN[0]}").code == 0


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        ([], "--customer or --from-csv is required"),
        (["--customer", *(str(number) for number in range(10_001))], "more than 10000 customers"),
        (["--customer=a", "--cod-act="], None),
    ],
)
def test_codify_refuses_what_makes_no_sense(
    shell: Callable[..., Shell], flags: list[str], problem: str | None
) -> None:
    sh = shell()
    if problem is None:
        with pytest.raises(SystemExit) as caught:
            sh.run(*CODIFY, *flags)
        assert caught.value.code == 2
        return
    result = sh.run(*CODIFY, *flags)
    assert (result.code, sh.asked()) == (1, 0)
    assert problem in result.err


def test_codify_wants_a_disposition_for_everybody_and_a_type(shell: Callable[..., Shell]) -> None:
    sh = shell()
    sheet = sh.sheet(f"customer_id,cod_act\n{MEN[0]},X\n{MEN[1]},\n")
    result = sh.run("codify", "--campaign=4875", "--type=predictive", sheet)
    assert (result.code, "--cod-act is required for" in result.err, "line 3" in result.err) == (1, True, True)
    assert "--type" in sh.run("codify", "--campaign=4875", sheet).err
    assert sh.run("codify", "--campaign=4875", "--type=predictive", sheet, "--cod-act=Y").code == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nombre\nx\n", "line 1: the column customer_id is missing"),
        ("customer_id\n" + "".join(f"F{n}\n" for n in range(10_001)), "line 10002: more than 10000 rows"),
    ],
)
def test_bad_sheets_are_refused_before_the_first_call(
    shell: Callable[..., Shell], text: str, problem: str
) -> None:
    sh = shell()
    result = sh.run(*CODIFY, sh.sheet(text), "--yes")
    assert (result.code, sh.asked()) == (1, 0)
    assert f"{sh.folder / 'list.csv'}: {problem}" in result.err


@pytest.mark.parametrize(
    "spoiled", ["1.2E+10", "123,0", "#N/A", '="0012"', "'0012", "12/03/2024", "\uff15", "1\u200b", "A;B"]
)
def test_ids_that_a_spreadsheet_has_spoiled_cost_no_call(
    shell: Callable[..., Shell], capsys: pytest.CaptureFixture[str], spoiled: str
) -> None:
    sh = shell()
    for flags in [
        (*CODIFY, "--customer", MEN[0], spoiled, "--yes"),
        ("find-record", f"--customer={spoiled}"),
        ("find-record", f"--phone={spoiled}"),
    ]:
        with pytest.raises(SystemExit) as caught:
            sh.run(*flags)
        assert caught.value.code == 2
        assert spoiled not in capsys.readouterr().err.replace("such as #N/A", "")
    for column, command in [("customer_id", (*CODIFY, "--yes")), ("telephone", ("find-record",))]:
        cell = spoiled.replace('"', '""')
        result = sh.run(*command, sh.sheet(f'{column}\n{MEN[0]}\n"{cell}"\n'))
        assert (result.code, result.out) == (1, "")
        assert f"{sh.folder / 'list.csv'}: line 3: {column} " in result.err
    assert sh.asked() == 0


def test_who_is_named_twice_counts_once_and_is_told(shell: Callable[..., Shell]) -> None:
    sh = shell()
    sheet = sh.sheet(f"customer_id;cod_act\n{MEN[0]};\n{MEN[1]};X\n{MEN[0]};SIN_SERVICIO\n{MEN[1]};X\n")
    for flags in ([sheet], ["--customer", MEN[0], MEN[1], MEN[0]]):
        result = sh.run(*CODIFY, *flags)
        assert result.code == 0
        assert "2 customers to code" in result.err
        assert "once" in result.err
    assert "lines that say the same as an earlier one, counted once: 4, 5" in sh.run(*CODIFY, sheet).err
    other = sh.run("codify", "--campaign=4875", "--type=predictive", "--cod-act=OTRA", sheet)
    assert (other.code, sh.asked()) == (1, 0)
    assert "line 4: the same customer_id as in line 2, but another cod_act" in other.err
    twice = sh.run("find-record", sh.sheet("phone\n5559999999\n5559999999\n"), "--output=json")
    assert ([row["asked"] for row in twice.rows], sh.asked("find_record")) == (["5559999999"], 1)
    assert "counted once: 3" in twice.err


def test_csv_of_records_goes_back_into_codify(shell: Callable[..., Shell]) -> None:
    sh = shell()
    record = {
        "customer_name": "=HYPERLINK(0)",
        "campaign_id": "4875",
        "tel1": "+573000000000",
        "opt1": "x;@y",
    }
    ids = ["=1+1", "@FAKE", "'0012", "'=x", "0012", "+573000000000", "FAKE-1"]
    rows = tuple({**record, "customer_id": one} for one in ids)
    sh.simulator.faults.set(Fault("rows", rows=rows, times=1), api="find_record")
    out = sh.folder / "records.csv"
    assert sh.run("find-record", "--phone=5550000001", "--output=csv", "--output-file", out).code == 0
    found = list(csv.DictReader(out.read_text().splitlines()))
    assert found[0]["customer_name"] == "'=HYPERLINK(0)"
    assert (found[0]["tel1"], found[0]["opt1"]) == ("+573000000000", "x;'@y")
    assert not [row["customer_id"] for row in found if row["customer_id"].startswith(("=", "@"))]
    sh.run(*CODIFY, f"--from-csv={out}", "--yes")
    assert [one.body["customer_id"] for one in sh.simulator.requests.all(api="codify")] == ids


def test_forgetting_lets_customers_be_coded_again(shell: Callable[..., Shell]) -> None:
    sh = shell()
    assert "there is no journal" in sh.run("codify", "--campaign=4875", "--forget").err
    sh.run(*CODIFY, f"--customer={MEN[0]}", "--yes")
    assert "removed the journal" in sh.run("codify", "--campaign=4875", "--forget").err
    assert sh.run(*CODIFY, f"--customer={MEN[0]}", "--yes").out.startswith("coded 1\n")
    assert sh.asked("codify") == 2


def test_the_loop_from_dead_telephones_to_the_end_of_calling_them(shell: Callable[..., Shell]) -> None:
    sh = shell()
    plan = sh.folder / "plan.csv"
    clean = ("clean-list", "--campaign=4875", "--type=predictive", "--cod-act=MUERTO")
    dry = sh.run(*clean, "--plan", plan)
    assert (dry.code, sh.asked("codify"), plan.stat().st_mode & 0o777) == (0, 0, 0o600)
    rows = list(csv.DictReader(plan.read_text().splitlines()))
    chosen = {row["customer_id"] for row in rows if row["action"] == "code"}
    assert chosen
    assert {row["action"] for row in rows} == {"code", "keep"}
    assert f"{len(rows)} of " in dry.err
    lookups = sh.asked("find_record")
    assert lookups == len(rows)
    done = sh.run(*clean, "--plan", plan, "--yes")
    assert (done.code, done.out.splitlines()[0]) == (0, f"coded {len(chosen)}")
    # The answers of the dry run were kept: nobody was looked up twice.
    assert sh.asked("find_record") == lookups
    assert {r.body["customer_id"] for r in sh.simulator.requests.all(api="codify")} == chosen
    assert "action=clean-list" in done.err
    assert "FAKE" not in dry.err + done.err
    again = sh.run(*clean, "--output=json")
    assert {row["reason"] for row in again.rows if row["customer_id"] in chosen} == {"already coded"}


def test_clean_list_refuses_what_the_budget_has_no_room_for(shell: Callable[..., Shell]) -> None:
    sh = shell()
    clean = ("clean-list", "--campaign=4875", "--type=predictive", "--cod-act=MUERTO")
    # Where it is noon: ten calls are enough for the last minutes of a day.
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
    sh.configure(licences=1, quota_reserve=0.99, timezone=zone)
    result = sh.run(*clean)
    # Not even the report: what the exporter's own polls need until midnight is more than there is.
    assert (result.code, sh.asked()) == (1, 0)
    assert "today's call budget is used up" in result.err


def test_clean_list_takes_a_part(shell: Callable[..., Shell]) -> None:
    sh = shell()
    clean = ("clean-list", "--campaign=4875", "--type=predictive", "--cod-act=MUERTO", "--output=json")
    assert len(sh.run(*clean, "--limit=3").rows) == 3
    assert sh.asked("find_record") == 3
    assert "--campaign must name one campaign" in sh.run(*clean, "--campaign=all").err
    assert "no customers to code" in sh.run(*clean, "--min-attempts=100").err


def test_a_carrier_that_is_away_is_not_a_dead_list(shell: Callable[..., Shell]) -> None:
    sh = shell()
    rows = tuple({**telephone_row(f"555000000{n}", n // 6, 0, 0, 2, 2)} for n in range(10))
    sh.simulator.faults.set(Fault("rows", rows=rows), api="machine_codes")
    clean = ("clean-list", "--campaign=4875", "--type=predictive", "--cod-act=MUERTO")
    dry = sh.run(*clean)
    assert (dry.code, "the carrier may be at fault, not the list" in dry.err) == (0, True)
    asked = sh.asked("find_record")
    result = sh.run(*clean, "--yes")
    assert (result.code, sh.asked("find_record"), sh.asked("codify")) == (1, asked, 0)
    assert "6 of 10 telephones are unreachable" in result.err
    assert sh.run(*clean, "--yes", "--max-share=0.6").code == 0
    for wrong in ("0", "1.1", "nan", "x"):
        with pytest.raises(SystemExit):
            sh.run(*clean, f"--max-share={wrong}")


def test_any_telephone_is_a_decision(shell: Callable[..., Shell]) -> None:
    sh = shell()
    clean = ("clean-list", "--campaign=4875", "--type=predictive", "--cod-act=MUERTO", "--output=json")
    rows = sh.run(*clean, "--any-telephone").rows
    assert {row["action"] for row in rows} == {"code"}


def test_the_only_operation_need_not_be_named(shell: Callable[..., Shell]) -> None:
    sh = shell()
    assert sh.run("find-record", f"--customer={MEN[0]}", "--operation=ventas-bogota").code == 0
    result = sh.run("find-record", f"--customer={MEN[0]}", "--operation=other")
    assert (result.code, "no operation 'other'; the configuration has ventas-bogota" in result.err) == (
        1,
        True,
    )


def test_nothing_is_asked_without_the_state_that_the_exporter_shares(shell: Callable[..., Shell]) -> None:
    sh = shell()
    (sh.folder / "state.db").mkdir()
    result = sh.run("find-record", f"--customer={MEN[0]}")
    assert (result.code, sh.asked()) == (1, 0)
    assert "it is not known whether the exporter is making a call" in result.err


def test_a_place_that_cannot_be_written_is_told_before_a_call(shell: Callable[..., Shell]) -> None:
    sh = shell()
    nowhere = sh.folder / "none" / "out"
    for flags in [
        ("machine-codes", f"--output-file={nowhere}"),
        ("find-record", f"--customer={MEN[0]}", f"--output-file={nowhere}"),
        ("clean-list", "--campaign=4875", "--type=predictive", "--cod-act=X", f"--plan={nowhere}"),
    ]:
        result = sh.run(*flags)
        assert (result.code, sh.asked()) == (1, 0)
        assert "cannot be created" in result.err


def test_a_full_disk_under_the_rows_is_told(shell: Callable[..., Shell]) -> None:
    sh = shell(records=(9000, 9000))
    sh.run("find-record", f"--customer={MEN[0]}")  # so that the state is there
    out = sh.folder / "out.csv"
    with files_up_to(64 * 1024):
        result = sh.run("machine-codes", "--output=csv", "--output-file", out)
    assert result.code == 1
    assert "File too large" in result.err
    assert not out.exists()


def test_only_these_commands_pay_for_tables_and_progress() -> None:
    script = "import sys, exporter.commands.serve, exporter.commands.health; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_bad_configuration_is_told(shell: Callable[..., Shell]) -> None:
    sh = shell()
    (sh.folder / "config.yaml").write_text("{}")
    assert sh.run("machine-codes").code == 1


def test_a_vendor_that_speaks_broken_http_gets_nobody_named(shell: Callable[..., Shell]) -> None:
    sh = shell()
    with Vendor(b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n") as vendor:
        sh.configure(base_url=vendor.url)
        result = sh.run("find-record", sh.sheet("phone\n5550000001\n"), "--log.level=debug")
    assert result.code == 1
    assert vendor.requests
    assert "5550000001" not in result.err


def test_at_debug_level_nobody_is_named(shell: Callable[..., Shell]) -> None:
    sh = shell()
    (row,) = sh.run("find-record", f"--customer={MEN[0]}", "--output=json").rows
    told = ""
    for flags in [
        ("machine-codes", "--campaign=4875"),
        ("find-record", f"--phone={row['tel1']}"),
        ("find-record", f"--customer={MEN[0]}"),
        ("find-record", sh.sheet("phone\n" + row["tel1"])),
        (*CODIFY, f"--customer={MEN[0]}", "--customer=FAKE-nobody", "--comment=secreto", "--yes"),
        ("clean-list", "--campaign=4875", "--type=predictive", "--cod-act=X", "--limit=2", "--yes"),
    ]:
        told += sh.run(*flags, "--log.level=debug").err
    assert "msg=called api=codify" in told
    for secret in ("FAKE", "secreto", sh.simulator.operations[0].token):
        assert secret not in told
    assert not re.search(r"555\d{7}", told)
    # Nor in the state, which keeps figures alone.
    state = b"".join(file.read_bytes() for file in sh.folder.glob("state.db*"))
    assert b"FAKE" not in state
    assert row["tel1"].encode() not in state


SPANISH = "--lang=es"


def test_a_spanish_locale_hears_spanish_and_programs_read_what_they_always_do(
    shell: Callable[..., Shell], monkeypatch: pytest.MonkeyPatch
) -> None:
    sh = shell()
    sheet = sh.sheet("customer_id;cod_act\n" + "".join(f"{man};X\n" for man in MEN[:2]))
    codify = ("codify", "--campaign=4875", "--type=predictive", sheet)
    monkeypatch.setenv("LC_ALL", "es_CO.UTF-8")
    dry = sh.run(*codify)
    assert "2 clientes por codificar: 2 consultas de las" in dry.err
    assert "prueba: no se envió nada; use --yes para enviarlo" in dry.err
    done = sh.run(*codify, "--yes")
    assert (done.code, done.out) == (0, "codificados 2\nrechazados 0\nsin respuesta 0\npendientes 0\n")
    assert "msg=audit action=codify" in done.err, "the log is for programs"
    assert "ya codificados, quedan como están: 2 clientes" in sh.run(*codify).err
    assert "2 customers" in sh.run(*codify, "--lang=en").err
    for form in ("csv", "json", "jsonl"):
        look = ("find-record", f"--customer={MEN[0]}", f"--output={form}")
        assert sh.run(*look).out == sh.run(*look, "--lang=en").out
    table = sh.run("find-record", f"--customer={MEN[0]}").out.splitlines()
    assert table[0].split()[:2] == ["Buscado", "Encontrados"]
    codes = sh.run("machine-codes", "--campaign=4875").out.splitlines()[0]
    for title in ("Teléfono", "No contesta", "Contestador", "Ocupado", "Congestión", "Fallida"):
        assert title in codes
    nobody = sh.run("find-record", "--phone=5559999999", "--campaign=99999")
    assert "no se encontró ningún registro; se pidió find_record por teléfono en campaña 99999" in nobody.err
    assert "la campaña 99999 no existe: ventas-bogota no tiene esa campaña" in nobody.err


def test_what_wolkvox_refuses_is_told_in_spanish_with_time_and_campaign(shell: Callable[..., Shell]) -> None:
    sh = shell()
    assert sh.run("once").code == 0
    sh.simulator.faults.set(Fault("bad_token"))
    time = "wolkvox-exporter: [0-2][0-9]:[0-5][0-9]:[0-5][0-9]"
    campaign = r"4875 \(VENTAS HOGAR - Región Ficticia\)"
    look_up = ("find-record", f"--customer={MEN[0]}", "--campaign=4875")
    for command, said in (
        (look_up, f"{time}, campaign {campaign}: wolkvox: auth: "),
        ((*look_up, SPANISH), f"{time}, campaña {campaign}: wolkvox: token rechazado: "),
        (("machine-codes", SPANISH), f"{time}: wolkvox: token rechazado: "),
        (
            (*CODIFY, f"--customer={MEN[0]}", "--yes", SPANISH),
            f"{time}, campaña {campaign}: wolkvox rechaza todas las consultas",
        ),
    ):
        result = sh.run(*command)
        assert result.code == 1
        assert re.search(f"^{said}", result.err, re.MULTILINE), result.err


def test_sums_that_fail_tell_at_which_campaign(shell: Callable[..., Shell]) -> None:
    sh = shell()
    sh.simulator.faults.set(Fault("maintenance"), api="machine_codes")
    failed = "wolkvox-exporter: the report of campaign 4875 (VENTAS HOGAR - Región Ficticia) failed\n"
    result = sh.run("machine-codes", "--sums")
    assert (result.code, result.out, failed in result.err) == (1, "", True)
    assert " failed\n" not in sh.run("machine-codes", "--campaign=4875").err


def test_a_plan_for_people_is_in_their_language_and_one_for_programs_is_not(
    shell: Callable[..., Shell],
) -> None:
    sh = shell()
    plan = (*CLEAN[:-1], "--campaign=4875", "--max-share=1", "--limit=3", SPANISH)
    table = sh.run(*plan, "--output=table")
    assert (table.code, "por codificar" in table.err) == (0, True)
    assert {"Teléfono", "Acción", "Motivo"} <= set(table.out.splitlines()[0].split())
    actions = {row["action"] for row in sh.run(*plan, "--output=json").rows}
    assert actions <= {"code", "keep", "none"}
    words = {"code": "codificar", "keep": "conservar", "none": "nada"}
    for action in actions:
        assert words[action] in table.out


@pytest.mark.parametrize("example", [line for name in OPERATORS for line in EXAMPLES[name]])
def test_the_examples_of_the_help_do_what_they_say(
    example: str, shell: Callable[..., Shell], monkeypatch: pytest.MonkeyPatch
) -> None:
    sh = shell()
    monkeypatch.chdir(sh.folder)
    sh.sheet(f"customer_id\n{MEN[0]}\n{MEN[1]}\n", "customers.csv")
    result = sh.run(*shlex.split(example))
    assert result.code == 0, result.err
