"""Of whom a capture is about nothing is left in it, and it still says the same."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.apis import API_WORDS, APIS, BY_NAME, PollContext
from exporter.capture import (
    Capture,
    Exchange,
    Failure,
    anonymised,
    config_mapping,
    config_of,
    read_capture,
    write_capture,
)
from exporter.config import CampaignFilter
from exporter.evidence import Content
from exporter.schedules import PRESETS, Calendar, Schedule, Week, parse_window
from exporter.wolkvox import Cause, RequestFailed
from exporter.wolkvox.row_splitter import RowSplitter
from support.fakes import MORNING, campaigns_row, make_operation

KEY = b"of a test"
NO_TIME = "0000-00-00 00:00:00"
OWN = {
    "include",
    "exclude",
    "limit",
    "campaigns",
    "expected",
    "except_dates",
    "path",
    "none-1",
    "all",
    NO_TIME,
}
OWN |= {"Mon,Tue,Wed,Thu,Fri 08:00-12:00"}
"""What a capture has of its own."""

NAMES = (
    "VENTAS BOGOTÁ", "Cobranza 30-60", "ENERO 2026", "Ñandú & Cía. 🚀", "José Nuñez", "muñoz.jose", "P2P",
    "Promo (2024)", "Straße ﬁn ½", "王小明", "Продажи", "A", "TOTAL", "Zutana Inventada", "récord",
)  # fmt: skip
NUMBERS = (
    "4875",
    "48751",
    "7224",
    "0042",
    "3001234567",
    "+57 300 123 4567",
    "573001234567",
    "192.0.2.77",
    "7",
)
PLACES = ("jperez@acme.example", "https://wv0042.wolkvox.com/ventas", "/home/jperez", "PC-FICTICIO-077")

telling = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(NUMBERS),
    st.sampled_from(PLACES),
    st.text(max_size=12),
    st.builds("{} - {} - tel1 (100%)".format, st.sampled_from(NUMBERS), st.sampled_from(NAMES)),
)
"""What may not be told."""

nested = st.recursive(
    st.one_of(
        telling, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(telling, inner, max_size=3)),
    max_leaves=5,
)
figures = st.one_of(
    st.sampled_from(
        ("1,000", "60.00 %", "15,233.33 %", "6 (14.29 %)", "110%", "0", "", " ", "-", "00:12:33")
    ),
    st.integers(0, 99_999).map(str),
    st.integers(0, 99_999),
    st.floats(0, 1000).map(lambda figure: round(figure, 3)),
    st.none(),
)
times = st.sampled_from(("2026-08-12 08:02:08", "2026-08-12-08", NO_TIME, "", None))
words = st.sampled_from(("Started", "stopped", "Ready", "ANSWER-MACHINE", "yes", "1", None, ""))

MEANT: Mapping[Content, st.SearchStrategy[Any]] = {
    Content.FIGURE: figures, Content.TIME: times, Content.WORD: words, Content.TEXT: telling,
}  # fmt: skip


def rows_of(api: str, *, hostile: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Return rows of an API; `hostile` ones have anything anywhere, and fields that nobody knows."""
    known = {
        field.name: st.one_of(MEANT[field.content], nested) if hostile else MEANT[field.content]
        for field in BY_NAME[api].vendor_fields
    }
    unknown = {"extra": nested, "tel_movil": telling, "Nombre Cliente": telling, "3001234567": nested}
    return st.fixed_dictionaries({}, optional={**known, **unknown} if hostile else known)


def bodies_of(api: str) -> st.SearchStrategy[bytes]:
    """Return answers of an API of every shape, and what is none."""
    row = rows_of(api, hostile=True)
    rows = st.lists(st.one_of(row, nested), max_size=4)
    document = st.one_of(
        rows,
        st.builds(lambda data, msg: {"code": "200", "error": None, "msg": msg, "data": data}, rows, telling),
        st.builds(lambda data: {"data": data}, row),
        st.builds(lambda data: {"data": data}, st.dictionaries(telling, row, max_size=3)),
        nested,
    )
    text = document.map(lambda one: json.dumps(one, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return st.one_of(
        text,
        st.builds(lambda whole, end: whole[:end], text, st.integers(1, 60)),
        telling.map(lambda name: f"<html><body>{name}</body></html>".encode("utf-8", "surrogatepass")),
        st.binary(max_size=40),
    )


@st.composite
def captures(draw: st.DrawFn) -> Capture:
    patterns = draw(st.lists(telling, max_size=2))
    compiled = tuple(re.compile(re.escape(one), re.DOTALL) for one in patterns)
    operation = make_operation(
        draw(st.sampled_from(("ventas-bogota", "Ñandú", "4875"))),
        base_url=draw(st.sampled_from(("https://wv0042.wolkvox.com", "https://cti.acme.example/x"))),
        campaigns=CampaignFilter((re.compile(".*"),), compiled, 2000),
        schedules=tuple(
            Schedule(
                (one,),
                Week.of([parse_window("Mon-Fri 08:00-12:00")]),
                None,
                None,
                frozenset({date(2026, 12, 24)}),
            )
            for one in compiled
        ),
    )
    exchanges = [
        Exchange(
            operation.name,
            api.name,
            draw(st.sampled_from(("4875", "48751", ""))) if api.by_campaign else "",
            MORNING + draw(st.integers(0, 10**6)) / 1000,
            0.123,
            draw(st.sampled_from((200, 404))),
            MORNING,
            "TLSv1.3",
            draw(bodies_of(api.name)),
        )
        for api in draw(st.lists(st.sampled_from(APIS), max_size=4))
    ]
    failed = Exchange(
        operation.name,
        "skills",
        "",
        MORNING,
        60.0,
        failure=Failure(Cause.TLS, "not valid for jperez@acme.example"),
    )
    return Capture(
        config_mapping([operation]), {operation.name: {"path": "/home/jperez"}}, (*exchanges, failed)
    )


def texts_in(value: object) -> Iterator[str]:
    """Yield every text, key and number of a JSON value."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield str(key)
            yield from texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield value if isinstance(value, str) else repr(value)


def plain(text: str) -> str:
    """Return a text without case and accents, and with digits as ours."""
    whole = unicodedata.normalize("NFKD", text)
    letters = "".join(c for c in whole if not unicodedata.category(c).startswith("M")).casefold()
    return "".join(str(unicodedata.digit(c, c)) for c in letters)


def tells(text: str) -> set[str]:
    """Return what could tell a name or a number: three letters or four digits in a row."""
    found = set()
    for run in re.findall(r"[^\W\d_]+|[0-9]+", plain(text)):
        size = 4 if run.isdigit() else 3
        if run not in API_WORDS:
            found |= {run[start : start + size] for start in range(len(run) - size + 1)}
    return found


def personal_texts(capture: Capture) -> Iterator[str]:
    """Yield what in a capture may not be told, by the tables of the fields alone."""
    for operation in config_of(capture).operations:
        yield operation.name
        lists = [operation.campaigns.exclude, *(one.campaigns for one in operation.schedules)]
        yield from (re.sub(r"\\(.)", r"\1", one.pattern) for patterns in lists for one in patterns)
    for exchange in capture.exchanges:
        yield exchange.campaign_id
        try:
            text = exchange.body.decode("utf-8", "replace")
            body = json.loads(text, strict=False, parse_constant=lambda _: None)
        except ValueError:
            yield exchange.body.decode("utf-8", "replace")
            continue
        fields = {field.name: field.content for field in BY_NAME[exchange.api].vendor_fields}
        yield from personal_in(body, fields)


def personal_in(value: object, fields: Mapping[str, Content]) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key not in {*fields, "data", "code", "error", "msg"} and not re.fullmatch(r"[a-z_]+", key):
                yield key
            if key == "data" or isinstance(one, Mapping | list):
                yield from personal_in(one, fields)
            elif fields.get(key, Content.TEXT) is Content.TEXT and key not in {"code", "error", "msg"}:
                yield from texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from personal_in(one, fields)
    else:
        yield from texts_in(value)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("captures")


@settings(max_examples=60)
@given(captures())
def test_nothing_of_an_original_is_left(folder: Path, capture: Capture) -> None:
    made = anonymised(capture, key=KEY)
    file = folder / "capture"
    file.unlink(missing_ok=True)
    write_capture(file, made)
    assert read_capture(file) == made
    originals = set().union(*map(tells, personal_texts(capture)))
    told = told_in([json.loads(line) for line in file.read_text().splitlines()])
    assert [text for text in told if tells(text) & originals] == []


def told_in(lines: Sequence[Any]) -> Iterator[str]:
    """Yield the texts of a file's lines but for its own keys, and those of the vendor's fields."""
    documented = {field.name for api in APIS for field in api.vendor_fields} | {
        "data",
        "code",
        "error",
        "msg",
    }
    (entry,) = lines[0]["config"]["operations"]
    for value in (entry["campaigns"], entry.get("schedules", []), *lines[0]["facts"].values()):
        yield from (text for text in texts_in(value) if text not in OWN)
    documented |= {NO_TIME}
    for line in lines[1:-1]:
        said = [line.get(key) for key in ("at", "date", "campaign", "text", "body")]
        yield from (text for text in texts_in(said) if text not in documented)
        yield from texts_in([line.get("failure", {}).get("detail", "")])


def skeleton(value: object) -> object:
    """Return a JSON value with each letter and digit as one of its kind."""
    if isinstance(value, Mapping):
        return [(skeleton(key), skeleton(one)) for key, one in value.items()]
    if isinstance(value, list):
        return [skeleton(one) for one in value]
    if isinstance(value, bool) or value is None:
        return value
    return "".join(
        "9" if unicodedata.digit(plain(c)[:1] or " ", None) is not None
        else ("A" if c.isupper() else "a") if plain(c)[:1].isalpha() else c
        for c in str(value)
    )  # fmt: skip


def json_of(body: bytes) -> object:
    """Return a JSON value whose numbers are as they are written."""
    text = body.decode("utf-8", "replace")
    return json.loads(text, strict=False, parse_int=written, parse_float=written, parse_constant=written)


def written(number: str) -> dict[str, str]:
    """Return a number as it is written but for its exponent."""
    return {"number": re.sub("[eE].*", "", number)}


@settings(max_examples=40)
@given(captures())
def test_forms_lengths_and_types_stay(capture: Capture) -> None:
    for before, after in zip(capture.exchanges, anonymised(capture, key=KEY).exchanges, strict=True):
        assert (before.api, before.status, before.seconds) == (after.api, after.status, after.seconds)
        try:
            old = json_of(before.body)
        except ValueError:
            assert skeleton(before.body.decode("utf-8", "replace")) == skeleton(after.body.decode())
        else:
            assert skeleton(old) == skeleton(json_of(after.body))


def read(api: str, body: bytes) -> tuple[Any, ...]:
    """Return what a reader makes of an answer."""
    reader = BY_NAME[api].reader(PollContext(datetime.fromtimestamp(MORNING, UTC), campaign_id="x"))
    splitter = RowSplitter(reader.add, decode=BY_NAME[api].decode)
    try:
        splitter.feed(body)
        splitter.finish()
    except RequestFailed as failure:
        return failure.cause, failure.detail
    unreadable = [(one.field, one.count) for one in reader.unreadable]
    values = [
        [list(v.values()) if isinstance(v, Mapping) else v for v in row.values] for row in reader.rows()
    ]
    return splitter.rows, unreadable, dict(reader.discarded), values


@pytest.mark.parametrize("api", list(BY_NAME))
def test_readers_read_the_same_figures(api: str) -> None:
    # Without four digits in a row: no figure has anything of theirs.
    quiet = st.sampled_from(("VENTAS BOGOTÁ", "Cobranza 30-60", "José Nuñez", "812", "77", "10.0.0.7"))
    fields = {
        field.name: quiet if field.content is Content.TEXT else MEANT[field.content]
        for field in BY_NAME[api].vendor_fields
    }
    if api == "campaigns":
        fields["campaign"] = st.builds(
            "{} - {} - tel1 (60%) - tel2 (40 %)".format, st.integers(100, 999), quiet
        )
    operation = make_operation(base_url="https://floor.example")

    @settings(max_examples=30)
    @given(st.lists(st.fixed_dictionaries({}, optional=fields), max_size=5))
    def check(rows: list[dict[str, Any]]) -> None:
        body = json.dumps({"code": "200", "error": None, "msg": "", "data": rows}).encode()
        one = Exchange("ventas", api, "77" if BY_NAME[api].by_campaign else "", MORNING, 0.5, 200, body=body)
        made = anonymised(Capture(config_mapping([operation]), {}, (one,)), key=KEY)
        assert made.changed_figures == 0
        assert read(api, made.exchanges[0].body) == read(api, body)

    check()


@settings(max_examples=15)
@given(st.sets(st.integers(100, 99_999), min_size=1, max_size=60))
def test_ids_stay_different_and_in_their_order(ids: set[int]) -> None:
    rows = [campaigns_row(f"{one} - VENTAS - tel1 (100%)") for one in ids]
    settings_rows = [{"campaign_id": one, "campaign_name": "ventas"} for one in ids]
    made = anonymised(captured(campaigns=rows, campaign_settings=settings_rows), key=KEY)
    first, second = (json.loads(one.body) for one in made.exchanges)
    new = [int(row["campaign"].split()[0]) for row in first]
    assert new == [row["campaign_id"] for row in second]
    assert len(set(new)) == len(ids)
    assert [old for _, old in sorted(zip(new, ids, strict=True))] == sorted(ids)
    assert {row["campaign"].split(" ", 1)[1] for row in first} == {
        f"- {second[0]['campaign_name'].upper()} - tel1 (100%)"
    }


def captured(facts: Mapping[str, object] | None = None, **bodies: object) -> Capture:
    """Return a capture of one operation with these bodies by API."""
    exchanges = tuple(
        Exchange(
            "ventas", api, "4875" if BY_NAME[api].by_campaign else "", MORNING, 0.5, 200,
            body=body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode(),
        )
        for api, body in bodies.items()
    )  # fmt: skip
    return Capture(config_mapping([make_operation()]), {"ventas": facts or {}}, exchanges)


def bodies(capture: Capture, **more: Any) -> list[Any]:
    return [json.loads(one.body) for one in anonymised(capture, key=KEY, **more).exchanges]


def test_a_campaign_keeps_its_form_and_its_shares() -> None:
    ((row,),) = bodies(captured(campaigns=[{"campaign": "4875 - VENTAS Ñandú 2 - tel1 (60%) - tel2 (40 %)"}]))
    assert re.fullmatch(
        r"[1-9]\d{3} - [A-Z]{6} [ÁÉÍÓÚÑÇÝŠŽ][a-z]{3}[áéíóúñçýšž] \d - tel1 \(60%\) - tel2 \(40 %\)",
        row["campaign"],
    )
    assert not {"4875", "VENTAS"} & set(row["campaign"].split())


def test_ring_times_and_the_words_of_the_api_stay() -> None:
    row = {"dial_mode": "phone1 – ring: 60(seg)", "status": "Started", "turbo_dial": "yes"}  # noqa: RUF001
    assert bodies(captured(campaign_settings=[row])) == [[row]]
    line = {"action": "Predictive: stop campaign 4875", "date": "2026-08-12 09:04:08"}
    ((after,),) = bodies(captured(audit_log=[line]))
    assert after["date"] == line["date"]
    assert re.fullmatch(r"Predictive: stop campaign [1-9]\d{3}", after["action"])
    refusal = {"code": "404", "error": "Not Found", "msg": "Validate dates entered"}
    assert bodies(captured(services=refusal)) == [refusal]


def test_the_same_is_replaced_by_the_same_everywhere() -> None:
    said = {"code": "200", "msg": "VENTAS of 4875: ventas, Véntas and 4876", "data": []}
    settings_row = {"campaign_id": 4875, "campaign_name": "Ventas"}
    first, second = bodies(captured(campaigns=said, campaign_settings=[settings_row]))
    name, number = second[0]["campaign_name"], second[0]["campaign_id"]
    assert isinstance(number, int)
    words = first["msg"].replace(":", "").replace(",", "").split()
    assert words[:4] == [name.upper(), "of", str(number), name.lower()]
    assert plain(words[4]) == plain(name)
    assert words[5] == "and"
    assert words[6] not in {"4876", str(number)}


def test_a_figure_with_the_digits_of_an_id_is_changed_and_counted() -> None:
    row = {"campaign": "4875 - VENTAS", "records": "4875", "dial": 48750, "clean": "4,875", "answer": "487"}
    capture = captured(campaigns=[row, row | {"hits": "4875 (14.29 %)"}])
    made = anonymised(capture, key=KEY)
    first, second = json.loads(made.exchanges[0].body)
    assert made.changed_figures == 3
    assert first["records"] == second["records"] != "4875"
    assert re.fullmatch(r"4\d{3}", first["records"])
    assert re.fullmatch(r"4\d{4}", str(first["dial"]))
    assert (first["clean"], first["answer"]) == ("4,875", "487")
    assert second["hits"] == f"{first['records']} (14.29 %)"


def test_times_are_moved_by_whole_calendars_where_a_name_has_their_year() -> None:
    row = {"campaign_name": "ENERO 2026 y 2054", "last_use": "2026-08-12 08:02:08"}
    empty = {"campaign_name": "", "last_use": "0000-00-00 00:00:00"}
    schedule = Schedule((re.compile("VENTAS"),), None, None, None, frozenset({date(2026, 12, 24)}))
    capture = captured(campaign_settings=[row, empty])
    capture = Capture(
        config_mapping([make_operation(schedules=(schedule,))]),
        {},
        (*capture.exchanges, capture.exchanges[0]),
    )
    made = anonymised(capture, key=KEY)
    one = made.exchanges[0]
    moved = datetime.fromtimestamp(one.at, UTC)
    assert (moved.year, moved.weekday()) == (2082, datetime.fromtimestamp(MORNING, UTC).weekday())
    first, second = json.loads(one.body)
    assert (first["last_use"], second["last_use"]) == ("2082-08-12 08:02:08", "0000-00-00 00:00:00")
    (operation,) = config_of(made).operations
    assert operation.schedules[0].except_dates == frozenset({date(2082, 12, 24)})
    # Where nothing has the year all times stay.
    still = anonymised(captured(campaign_settings=[row | {"campaign_name": "ENERO"}]), key=KEY)
    assert json.loads(still.exchanges[0].body)[0]["last_use"] == "2026-08-12 08:02:08"
    assert still.exchanges[0].at == MORNING


def test_sentences_stay_without_those_whom_something_else_names() -> None:
    said = (
        "The user jperez of Zutana (190.24.5.6, jperez@acme.example, 300 123,4567) may not call "
        "https://cti.acme.example/api; see /home/jperez, ask Inventada about 20260812"
    )
    capture = captured(
        agents={"code": "403", "error": "Forbidden", "msg": said},
        audit_log=[{"user": "zutana.inventada"}],
        facts={"why": said, "calls": 4875, "known": True, "none": None, "list": ["zutana"]},
    )
    made = anonymised(capture, key=KEY)
    told = json.loads(made.exchanges[0].body)["msg"]
    assert told == made.facts["operation-1"]["why"]
    assert re.fullmatch(
        r"The user [a-z]{6} of [A-Z][a-z]{5} \(\d{3}\.\d\d\.\d\.\d, "
        r"[a-z]{6}@[a-z]{4}\.[a-z]{7}, \d{3} \d{3},\d{4}\)"
        r" may not call [a-z]{5}://[a-z]{3}\.[a-z]{4}\.[a-z]{7}/api; see /[a-z]{4}/[a-z]{6}, "
        r"ask [A-Z][a-z]{8} about \d{8}",
        told,
    )
    assert not {"jperez", "acme", "zutana", "inventada"} & set(re.findall(r"[a-z]+", told.lower()))
    facts = made.facts["operation-1"]
    assert (facts["calls"], facts["known"], facts["none"]) == (4875, True, None)
    assert facts["list"] != ["zutana"]


def test_secrets_do_not_occur() -> None:
    secret = "7B66616b652d746f6b656e7d-20260812090408"
    body = {
        "code": "401",
        "error": None,
        "msg": f"token {secret.lower()} is not valid",
        "data": [{"x": secret}],
    }
    capture = captured(campaigns=body, skills=f"<p>{secret}".encode(), facts={"why": f"not {secret}"})
    made = anonymised(capture, [secret, ""], key=KEY)
    first, second = (one.body.decode() for one in made.exchanges)
    assert json.loads(first)["msg"] == "token *** is not valid"
    assert json.loads(first)["data"] == [{json.loads(first)["data"][0].popitem()[0]: "***"}]
    assert second.endswith(">***")
    assert made.facts["operation-1"] == {"why": "not ***"}


def test_of_reports_about_people_the_first_rows_are_kept() -> None:
    rows = [{"telephone": f"{3_000_000_000 + 7919 * n}", "busy": "1"} for n in range(1500)]
    capture = captured(machine_codes={"data": rows}, skills=[{"skill_name": "x"}] * 1500)
    codes, skills = anonymised(capture, key=KEY).exchanges
    kept = json.loads(codes.body)["data"]
    assert (codes.rows_left_out, skills.rows_left_out) == (500, 0)
    assert len(kept) == len({row["telephone"] for row in kept}) == 1000
    originals = set().union(*(tells(row["telephone"]) for row in rows[:1000]))
    assert not originals & set().union(*(tells(row["telephone"]) for row in kept))
    listed = captured(
        audit_log=[{"user": "jperez"}] * 1001, agents={"data": {f"a{n}": {} for n in range(1002)}}
    )
    assert [one.rows_left_out for one in anonymised(listed, key=KEY).exchanges] == [1, 2]


def test_no_short_number_stands_for_itself() -> None:
    numbers = [*map(str, range(1, 10)), *map(str, range(10, 100)), *(f"{n:02}" for n in range(10))]
    (after,) = bodies(captured(skills=[{"skill_id": one} for one in numbers]))
    new = [row["skill_id"] for row in after]
    assert sorted(new) == sorted(numbers)
    assert all(old != one for old, one in zip(numbers, new, strict=True))


def test_where_nothing_is_left_to_choose_from_no_number_is_its_own() -> None:
    # Every four digits in a row stand in one of these.
    rows = [{"skill_id": f"{n}{n + 1}", "skill_name": "x"} for n in range(1000, 9998)]
    capture = captured(skills=[*rows, *({"skill_id": str(n)} for n in range(1000, 10_000))])
    (after,) = bodies(capture)
    new = [row["skill_id"] for row in after]
    assert len(set(new)) == len(new)
    assert not {row["skill_id"] for row in rows} & {one for one in new if len(one) == 8}


def test_letters_run_out_last() -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    rows = [{"skill_name": a + b + c} for a in alphabet for b in alphabet for c in alphabet]
    (after,) = bodies(captured(skills=[*rows, {"skill_name": "ventas"}]))
    assert len({row["skill_name"] for row in after}) == len(rows) + 1
    # Of the API's own words alone something is left.
    assert {row["skill_name"] for row in after} & {row["skill_name"] for row in rows} <= API_WORDS
    single = [{"skill_name": chr(0x4E00 + n)} for n in range(500)]
    assert len(bodies(captured(skills=single))[0]) == 500


def test_what_is_no_json_is_text_and_short() -> None:
    capture = captured(
        campaigns=b"<p>Zutana Inventada" * 1000, skills=b"[" * 5000, agents=b'{"data": [NaN, 1e999, -1'
    )
    first, second, third = anonymised(capture, key=KEY).exchanges
    assert (first.cut, second.cut, third.cut) == (True, True, False)
    assert len(first.body) == len(second.body) == 2000
    assert b"Zutana" not in first.body
    (odd,) = anonymised(
        captured(skills=b'{"data": [NaN, -Infinity, 1e999, 1.50, -0, 1e5]}'), key=KEY
    ).exchanges
    assert re.fullmatch(rb'\{"data":\[NaN,-Infinity,\de999,\d\.\d0?\d?,-0,\de5\]\}', odd.body)


def test_keys_that_nobody_knows_stay_only_beside_those_that_are_known() -> None:
    rows = [
        {"telephone": "3001234567", "tel_movil": 1, "3001234568": 2, "Cliente": 3, "nested": {"jperez": 4}},
        {"jperez": 5, "telephone_2": 6},
    ]
    (body,) = bodies(captured(machine_codes={"data": rows, "total_rows": 2}))
    first, second = body["data"]
    assert list(body) == ["data", "total_rows"]
    assert list(first)[:2] == ["telephone", "tel_movil"]
    assert list(first)[4] == "nested"
    assert not {"3001234568", "Cliente"} & first.keys()
    assert list(second)[1].startswith("telephone_")
    assert list(first["nested"]) == list(second)[:1] != ["jperez"]


def test_the_configuration_says_the_same_of_the_anonymous_answers() -> None:
    def of(*patterns: str) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern) for pattern in patterns)

    operation = make_operation(
        "acme",
        licences=4875,
        base_url="https://wv4875.wolkvox.com",
        campaigns=CampaignFilter(of("VENTAS.*", "4877"), of("VENTAS OLD", "nothing"), 2000),
        schedules=(
            Schedule(of("4875"), Week.of([parse_window("Fri 22:00-06:00")]), None),
            Schedule(of("[A-Z ]+"), None, None),
            Schedule(of("COMPRAS"), None, None, tolerance=90.0),
        ),
    )
    rows = [
        {"campaign": f"{n} - {name} - tel1 (100%)"} for n, name in ((4875, "VENTAS"), (4876, "VENTAS OLD"))
    ]
    settings_rows = [{"campaign_id": "4877", "campaign_name": "OTRAS"}]
    exchanges = captured(campaigns=rows, campaign_settings=settings_rows).exchanges
    exchanges = tuple(replace(one, operation="acme") for one in exchanges)
    made = anonymised(Capture(config_mapping([operation]), {}, exchanges), key=KEY)
    ids = [row["campaign"].split()[0] for row in json.loads(made.exchanges[0].body)]
    ids += [row["campaign_id"] for row in json.loads(made.exchanges[1].body)]
    (after,) = config_of(made).operations
    assert (after.name, after.base_url) == ("operation-1", "https://operation-1.invalid")
    # A setting is compared with figures, and stays.
    assert (after.licences, after.campaigns.limit) == (4875, 2000)
    assert [after.campaigns.selects(one, "") for one in ids] == [True, False, True]
    assert [[one.matches(number, "") for number in ids] for one in after.schedules] == [
        [True, False, False],
        [True, True, True],
        [False, False, False],
    ]
    assert [one.expected for one in after.schedules] == [one.expected for one in operation.schedules]
    assert [one.operation for one in made.exchanges] == ["operation-1"] * 2
    assert after.token.read() == "replayed-1"


def test_another_capture_has_other_names_unless_the_key_is_the_same() -> None:
    capture = captured(campaigns=[campaigns_row()])
    assert anonymised(capture, key=KEY) == anonymised(capture, key=KEY)
    assert anonymised(capture) != anonymised(capture)


def test_the_host_of_the_operation_is_not_told() -> None:
    operation = make_operation(base_url="https://une.acme.com/ventas")
    said = {"code": "403", "error": None, "msg": "une, ACME and ventas are not com"}
    capture = Capture(config_mapping([operation]), {}, captured(skills=said).exchanges)
    (body,) = bodies(capture)
    assert re.fullmatch(r"[a-z]{3}, [A-Z]{4} and [a-z]{6} are not com", body["msg"])
    assert not {"une", "acme", "ventas"} & set(re.findall(r"[a-z]+", body["msg"].lower()))


def test_an_address_of_this_machine_stays_one() -> None:
    apis = {"campaigns": replace(make_operation().apis["campaigns"], interval=15.0, max_age=45.0)}
    operation = make_operation(base_url="http://localhost:8080", apis=apis)
    made = anonymised(Capture(config_mapping([operation]), {}, ()), key=KEY)
    (after,) = config_of(made).operations
    assert (after.base_url, after.apis["campaigns"].interval) == ("http://127.0.0.1", 15.0)


def test_a_schedule_keeps_its_preset_and_the_holidays_beside_it() -> None:
    spain, region = PRESETS["es-comercial"], Calendar("ES-MD")
    schedules = tuple(
        Schedule((re.compile(".*"),), None, Week.of(preset.windows), holidays, preset=preset.name)
        for preset, holidays in (
            (spain, spain.calendar),
            (spain, region),
            (PRESETS["us-tcpa"], None),
            (PRESETS["us-tcpa"], Calendar("US")),
        )
    )
    made = anonymised(Capture(config_mapping([make_operation(schedules=schedules)]), {}, ()), key=KEY)
    (after,) = config_of(made).operations
    assert [(one.preset, one.holidays) for one in after.schedules] == [
        (one.preset, one.holidays) for one in schedules
    ]


@pytest.mark.parametrize("decimals", ["1", "123", "123456", "123456789"])
def test_a_time_with_a_fraction_stays_one(decimals: str) -> None:
    row = {"campaign_id": "4875", "campaign_name": "X", "last_use": f"2026-08-12 10:00:00.{decimals}"}
    ((after,),) = bodies(captured(campaign_settings=[row]))
    assert after["last_use"] == row["last_use"]


def test_a_figure_with_many_decimals_stays_one() -> None:
    ((after,),) = bodies(captured(campaigns=[{"campaign": "4875 - X", "records": "100.00000"}]))
    assert after["records"] == "100.00000"


def test_what_to_do_about_a_failure_is_told_in_fixed_words() -> None:
    failure = Failure(Cause.CONNECTION, "no way to /home/jperez", "see docs/network.md")
    (exchange,) = captured(skills=[]).exchanges
    made = anonymised(
        Capture(config_mapping([make_operation()]), {}, (replace(exchange, failure=failure),)), key=KEY
    )
    (after,) = made.exchanges
    assert after.failure is not None
    assert after.failure.hint == "see docs/network.md"
    assert "jperez" not in after.failure.detail


def test_a_campaign_is_known_by_the_name_of_its_settings() -> None:
    patterns = tuple(re.compile(text) for text in ("VIEJA", "NUEVA"))
    operation = make_operation(campaigns=CampaignFilter(patterns, (), 2000))
    exchanges = captured(
        campaigns=[{"campaign": "4875 - VIEJA"}],
        campaign_settings=[{"campaign_id": "4875", "campaign_name": "NUEVA"}],
    ).exchanges
    made = anonymised(Capture(config_mapping([operation]), {}, exchanges), key=KEY)
    (after,) = config_of(made).operations
    # The second one matches every campaign that there is.
    assert [pattern.pattern for pattern in after.campaigns.include] == ["none-1", ".*"]


def test_a_telephone_is_no_exponent() -> None:
    capture = captured(campaigns=b'[{"campaign": "4875 - X", "records": 1e0003001234567, "dial": 2e308}]')
    (exchange,) = anonymised(capture, key=KEY).exchanges
    assert b"3001" not in exchange.body
    assert b"2e308" in exchange.body
    (exchange,) = anonymised(
        captured(campaigns=b'[{"campaign": "3001 - X", "new": 1e3001}]'), key=KEY
    ).exchanges
    assert b"3001" not in exchange.body
