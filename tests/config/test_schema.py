"""config.yaml as users write it, and as they get it wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.apis import BY_NAME
from exporter.config import ApiSettings, Config, ConfigError, load_config

ROOT = Path(__file__).resolve().parents[2]
GOOD = {"server": "0042", "token": "fake-token"}
TOKEN = "exactly one of token_file, token_env and token is expected"
SURROGATE = (
    "contains an unpaired surrogate escape: "
    "write the character itself, or \\U0001F600 instead of \\uD83D\\uDE00"
)
UNDER_5M = (
    "under 5m is refused, because the vendor asks for one call every 5 minutes "
    "(allowed for a loopback base_url)"
)

Load = Callable[[object], Config]
Refused = Callable[[object], list[str]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load what is given, as the text of the file or as what YAML shall hold."""

    def load(content: object) -> Config:
        file = tmp_path / "config.yaml"
        file.write_bytes(content if isinstance(content, bytes) else yaml.safe_dump(content).encode())
        return load_config(file)

    return load


@pytest.fixture
def refused(load: Load) -> Refused:
    """Return every problem of a bad file."""

    def refused(content: object) -> list[str]:
        with pytest.raises(ConfigError) as error:
            load(content)
        problems = [str(problem) for problem in error.value.problems]
        assert error.value.lines() == [f"{error.value.file}: {problem}" for problem in problems]
        return problems

    return refused


APIS_SAID = ("campaigns", "campaign_settings", "token_info", "machine_codes")


def one(**more: object) -> dict[str, object]:
    """A file with one operation."""
    return {"operations": [{**GOOD, **more}]}


def test_server_and_token_alone_are_a_complete_config(load: Load) -> None:
    (operation,) = load(b'operations: [{server: "0042", token: fake-token}]').operations
    assert (operation.name, operation.base_url) == ("wv0042", "https://wv0042.wolkvox.com")
    assert operation.token.read() == "fake-token"
    assert (operation.licences, operation.daily_limit) == (None, None)
    assert operation.timezone == ZoneInfo("America/Bogota")
    assert operation.quota_reserve == 0.5
    assert operation.apis.keys() == BY_NAME.keys()
    assert {name: operation.apis[name] for name in APIS_SAID} == {
        "campaigns": ApiSettings(True, 300, 900),
        "campaign_settings": ApiSettings(True, 300, 900),
        "token_info": ApiSettings(True, 3600, 10800),
        "machine_codes": ApiSettings(False, 3600, 10800, {"unreachable_after": 3}),
    }
    assert operation.campaigns.selects("1", 'any\nname "of" <all>')
    assert operation.campaigns.limit == 2000


def test_everything_can_be_said(load: Load, tmp_path: Path) -> None:
    (tmp_path / "bogota").write_text("fake-from-file\n")
    content = """
max_age: 20m
operations:
  - name: ventas-bogota
    base_url: https://crm.example/wolkvox/
    token_file: bogota
    licences: 25
    timezone: America/Mexico_City
    quota_reserve: 0
    apis:
      campaigns: {interval: 10m, max_age: 1h}
      campaign_settings: {enabled: false}
      token_info: {interval: 2h}
      machine_codes: {enabled: true, interval: 30m, unreachable_after: 5}
    campaigns: {include: ["VENTAS.*", "4875"], exclude: ["VENTAS vieja"], limit: 10}
"""
    (operation,) = load(content.encode()).operations
    assert (operation.name, operation.base_url) == ("ventas-bogota", "https://crm.example/wolkvox")
    assert operation.token.read() == "fake-from-file"
    assert operation.daily_limit == 25_000
    assert operation.timezone == ZoneInfo("America/Mexico_City")
    assert operation.quota_reserve == 0
    assert {name: operation.apis[name] for name in APIS_SAID} == {
        "campaigns": ApiSettings(True, 600, 3600),
        "campaign_settings": ApiSettings(False, 300, 1200),
        # The common max_age is under this interval: an answer is served until the next one at least.
        "token_info": ApiSettings(True, 7200, 7200),
        "machine_codes": ApiSettings(True, 1800, 1800, {"unreachable_after": 5}),
    }
    assert [name for name in operation.enabled() if name in APIS_SAID] == [
        "campaigns",
        "token_info",
        "machine_codes",
    ]
    selects = operation.campaigns.selects
    assert [selects("1", "VENTAS norte"), selects("4875", "otra"), selects("1", "VENTAS vieja")] == [1, 1, 0]
    assert not selects("48755", "MIS VENTAS")


def test_a_token_can_stand_in_the_environment(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WV_TEST_TOKEN", "fake-from-env")
    (operation,) = load({"operations": [{"server": "0042", "token_env": "WV_TEST_TOKEN"}]}).operations
    assert operation.token.read() == "fake-from-env"


def test_nothing_is_expanded(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WV_TEST_TOKEN", "fake-from-env")
    (operation,) = load(one(token="${WV_TEST_TOKEN}", name="${HOME}")).operations
    assert (operation.token.read(), operation.name) == ("${WV_TEST_TOKEN}", "${HOME}")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_this_machine_may_be_asked_often_and_in_the_clear(load: Load, host: str) -> None:
    entry = {"base_url": f"http://{host}:1", "token": "t", "apis": {"campaigns": {"interval": "1s"}}}
    (operation,) = load({"operations": [entry]}).operations
    assert operation.apis["campaigns"].interval == 1


def test_two_operations_may_share_server_and_token_but_no_name(load: Load) -> None:
    config = load({"operations": [{**GOOD, "name": "a"}, {**GOOD, "name": "b"}]})
    assert [o.base_url for o in config.operations] == ["https://wv0042.wolkvox.com"] * 2


def test_a_name_comes_from_the_host(load: Load) -> None:
    entry = {"base_url": "https://CRM.example:8443/wv", "token": "t"}
    assert load({"operations": [entry]}).operations[0].name == "crm.example"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"server": 42}, '.server: four digits in quotes are expected, such as "0042"'),
        ({"server": "42"}, '.server: four digits in quotes are expected, such as "0042"'),
        ({"server": "٠٠٤٢"}, '.server: four digits in quotes are expected, such as "0042"'),
        ({"server": "0042\n"}, '.server: four digits in quotes are expected, such as "0042"'),
        ({"server": None}, ": exactly one of server and base_url is expected"),
        ({"base_url": "https://x.example"}, ": exactly one of server and base_url is expected"),
        ({"token_env": "X"}, f".token: {TOKEN}"),
        ({"token": None}, f".token: {TOKEN}"),
        ({"token": 5}, ".token: text is expected: put it in quotes"),
        ({"token": ""}, ".token: is empty"),
        ({"token": " "}, ".token: token is empty"),
        (
            {"token": "two words"},
            ".token: token must be one line of at most 4096 visible ASCII characters; character 4 is U+0020",
        ),
        ({"licences": 0}, ".licences: a whole number from 1 to 1000000 is expected"),
        ({"licences": 2.5}, ".licences: a whole number is expected"),
        ({"licences": True}, ".licences: a whole number is expected"),
        ({"licences": "25"}, ".licences: a whole number is expected"),
        (
            {"timezone": "America/Bogotá"},
            ".timezone: unknown time zone 'America/Bogotá': use a name such as America/Bogota",
        ),
        (
            {"timezone": "../etc/passwd"},
            ".timezone: unknown time zone '../etc/passwd': use a name such as America/Bogota",
        ),
        ({"timezone": -5}, ".timezone: a time zone such as America/Bogota is expected"),
        ({"timezone": ""}, ".timezone: a time zone such as America/Bogota is expected"),
        ({"quota_reserve": 1}, ".quota_reserve: a number of at least 0 and less than 1 is expected"),
        ({"quota_reserve": -0.1}, ".quota_reserve: a number of at least 0 and less than 1 is expected"),
        (
            {"quota_reserve": float("nan")},
            ".quota_reserve: a number of at least 0 and less than 1 is expected",
        ),
        ({"quota_reserve": "50%"}, ".quota_reserve: a number is expected"),
        ({"quota_reserve": False}, ".quota_reserve: a number is expected"),
        ({"name": 7}, ".name: text is expected: put it in quotes"),
        ({"name": ""}, ".name: is empty"),
        ({"sever": "x"}, ".sever: unknown key (did you mean server?)"),
        ({"quux": 1}, ".quux: unknown key"),
        ({"apis": None}, ".apis: a mapping is expected"),
        ({"apis": {"campaign": {}}}, ".apis.campaign: unknown key (did you mean campaigns?)"),
        ({"endpoints": {}}, ".endpoints: unknown key (did you mean apis?)"),
        ({"apis": {"real_time": {}}}, ".apis.real_time: unknown key (did you mean campaigns?)"),
        ({"apis": {"information": {}}}, ".apis.information: unknown key (did you mean campaign_settings?)"),
        ({"apis": {"campaigns": "5m"}}, ".apis.campaigns: a mapping is expected"),
        (
            {"apis": {"campaigns": {"interval": 300}}},
            ".apis.campaigns.interval: a duration such as 90s, 5m or 1h30m is expected",
        ),
        (
            {"apis": {"campaigns": {"interval": "5 minutes"}}},
            ".apis.campaigns.interval: '5 minutes' is not a duration such as 90s, 5m or 1h30m",
        ),
        (
            {"apis": {"campaigns": {"interval": "0s"}}},
            ".apis.campaigns.interval: a duration over 0 is expected",
        ),
        (
            {"apis": {"machine_codes": {"interval": "4m59s"}}},
            f".apis.machine_codes.interval: {UNDER_5M}",
        ),
        (
            {"apis": {"campaigns": {"enabled": "yes"}}},
            ".apis.campaigns.enabled: true or false is expected",
        ),
        (
            {"apis": {"campaigns": {"max_age": "4m"}}},
            ".apis.campaigns.max_age: must not be under the interval, 5m",
        ),
        (
            {"apis": {"campaigns": {"unreachable_after": 3}}},
            ".apis.campaigns.unreachable_after: unknown key",
        ),
        (
            {"apis": {"machine_codes": {"unreachable_after": 0}}},
            ".apis.machine_codes.unreachable_after: a whole number of 1 or more is expected",
        ),
        ({"campaigns": ["VENTAS"]}, ".campaigns: a mapping is expected"),
        ({"campaigns": {"include": "VENTAS.*"}}, ".campaigns.include: a list is expected"),
        (
            {"campaigns": {"include": ["a", "b**", "c"]}},
            ".campaigns.include[1]: invalid regular expression: multiple repeat at position 2",
        ),
        (
            {"campaigns": {"exclude": [4875]}},
            ".campaigns.exclude[0]: a regular expression is expected: put it in quotes",
        ),
        ({"campaigns": {"limit": 0}}, ".campaigns.limit: a whole number of 1 or more is expected"),
    ],
)
def test_one_mistake_is_one_problem_with_its_path(
    refused: Refused, more: dict[str, object], problem: str
) -> None:
    assert refused(one(**more)) == [f"operations[0]{problem}"]


@pytest.mark.parametrize("name", [" a", "a ", "a\nb", "a\x00b", "x" * 201])
def test_a_name_that_would_be_a_nuisance_is_refused(refused: Refused, name: str) -> None:
    (problem,) = refused(one(name=name))
    assert problem.startswith(
        "operations[0].name: a name of at most 200 characters, without leading or trailing blanks"
    )


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://wv0042.wolkvox.com", "http would send the token in the clear"),
        ("http://127.0.0.1.example", "http would send the token in the clear"),
        ("http://localhost.example", "http would send the token in the clear"),
        ("wv0042.wolkvox.com", "an address such as https://wv0042.wolkvox.com is expected"),
        ("ftp://wv0042.wolkvox.com", "an address such as https://wv0042.wolkvox.com is expected"),
        ("https://", "an address such as https://wv0042.wolkvox.com is expected"),
        ("https://w\u00f6lkvox.example", "an address such as https://wv0042.wolkvox.com is expected"),
        ("https://x.example/" + "y" * 2000, "an address such as https://wv0042.wolkvox.com is expected"),
        ("https://user:word@x.example", "an address without user, query, fragment or blanks is expected"),
        ("https://x.example/?a=1", "an address without user, query, fragment or blanks is expected"),
        ("https://x.example/#a", "an address without user, query, fragment or blanks is expected"),
        ("https://x.example/a b", "an address without user, query, fragment or blanks is expected"),
        ("https://x.example:0", "an address without user, query, fragment or blanks is expected"),
        ("https://x.example:99999", "not an address: Port out of range 0-65535"),
        ("https://[::1", "not an address: Invalid IPv6 URL"),
        (7, "text is expected: put it in quotes"),
        ("", "is empty"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(refused: Refused, url: object, reason: str) -> None:
    (problem,) = refused({"operations": [{"base_url": url, "token": "t"}]})
    assert problem.startswith(f"operations[0].base_url: {reason}")
    assert "word" not in problem


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://CRM.Example/WV/", "https://crm.example/WV"),
        ("https://crm.example:443", "https://crm.example"),
        ("HTTPS://crm.example.:8443/", "https://crm.example:8443"),
        ("http://127.0.0.1:010080", "http://127.0.0.1:10080"),
        ("http://[0::1]:80/a", "http://[0::1]/a"),
    ],
)
def test_an_address_has_one_form(tmp_path: Path, written: str, meant: str) -> None:
    # Leases, budgets and journals go by it.
    file = tmp_path / "config.yaml"
    file.write_text(json.dumps({"operations": [{"base_url": written, "token": "t"}]}))
    (operation,) = load_config(file).operations
    assert operation.base_url == meant


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("token_file", "missing", "file {folder}/missing cannot be read: No such file or directory"),
        ("token_file", "", "is empty"),
        ("token_file", 7, "text is expected: put it in quotes"),
        ("token_file", "a\0b", "a file name is expected"),
        ("token_file", "\ud83d\ude00", SURROGATE),
        ("token_env", "\ud83d", SURROGATE),
        ("token_env", "WV_TEST_UNSET", "environment variable WV_TEST_UNSET is not set"),
        ("token_env", 7, "text is expected: put it in quotes"),
    ],
)
def test_a_secret_that_cannot_be_read_is_refused(
    refused: Refused, tmp_path: Path, key: str, value: object, reason: str
) -> None:
    (problem,) = refused({"operations": [{"server": "0042", key: value}]})
    assert problem == f"operations[0].{key}: {reason.format(folder=tmp_path)}"


def test_names_that_overlap_are_refused_however_they_arose(refused: Refused) -> None:
    entries = [{**GOOD}, {**GOOD, "name": "wv0042"}, {"base_url": "https://WV0042", "token": "t"}]
    assert refused({"operations": entries}) == [
        "operations[1].name: 'wv0042' is the name of operations[0] already",
        "operations[2].name: 'wv0042' is the name of operations[0] already",
    ]


def test_all_problems_are_told_at_once(refused: Refused) -> None:
    assert refused(
        {
            "max_age": 5,
            "operation": [],
            "operations": [
                {"server": "1", "token_env": "WV_TEST_UNSET", "timezone": "Mars/Base"},
                "wv0042",
                {**GOOD, "apis": {"campaigns": {"interval": "1m", "max_age": "30s"}}},
                {**GOOD, "campaigns": {"include": ["*"], "exclude": ["+"]}},
            ],
        }
    ) == [
        "max_age: a duration such as 90s, 5m or 1h30m is expected",
        "operations[1]: a mapping is expected",
        'operations[0].server: four digits in quotes are expected, such as "0042"',
        "operations[0].token_env: environment variable WV_TEST_UNSET is not set",
        "operations[0].timezone: unknown time zone 'Mars/Base': use a name such as America/Bogota",
        f"operations[2].apis.campaigns.interval: {UNDER_5M}",
        "operations[3].campaigns.include[0]: invalid regular expression: nothing to repeat at position 0",
        "operations[3].campaigns.exclude[0]: invalid regular expression: nothing to repeat at position 0",
        "operation: unknown key (did you mean operations?)",
        "operations[3].name: 'wv0042' is the name of operations[2] already",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"# nothing\n", "is empty"),
        (b"- a\n", "a mapping with the key operations is expected"),
        (b"{}", "operations: is missing"),
        (b"operations:\n", "operations: a list is expected"),
        (b"operations: []", "operations: at least one operation is expected"),
        (b"operations: {server: 1}", "operations: a list is expected"),
        (
            b"operations: [",
            "invalid YAML: line 1, column 14: expected the node content, but found '<stream end>'",
        ),
        (b"max_age: 1h\nmax_age: 2h\n", "invalid YAML: line 2, column 1: duplicate key 'max_age'"),
        ("a: x\nb: año\n".encode("cp1252"), "line 2 is not UTF-8: save the file as UTF-8"),
        (b"\xef\xbb\xbfoperations: []", "operations: at least one operation is expected"),
        ("operations: []".encode("utf-16"), "operations: at least one operation is expected"),
        (b"a: !!python/object:os.system x", None),
        (b"a: !!timestamp nonsense", None),
        (b"a: !!bool maybe", None),
        (b"a: !!int ''", None),
        (b"a: !!float x", None),
        (b"a: !!set [b]", None),
        (b"a: !!binary \xc3\xa9", None),
        (b"\xff\xfe\x00", None),
        (b"a: \x00", None),
        (b"? [a, b]\n: 1\n", None),
        (b"a: &a [*a]\n<<: *a\n", None),
        (b"[" * 5000, None),
        (b"a: 2026-99-99", None),
        (b"a: 0o999\nb: 1_:9\n", None),
    ],
)
def test_a_file_that_is_no_config_is_refused(refused: Refused, content: bytes, problem: str | None) -> None:
    problems = refused(content)
    assert problems == ([problem] if problem else problems)
    assert all(line.isprintable() for line in problems)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load_config(tmp_path / "none.yaml")
    assert error.value.lines() == [f"{tmp_path / 'none.yaml'}: cannot be read: No such file or directory"]


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    with file.open("wb") as stream:
        stream.truncate(17 * 2**20)
    with pytest.raises(ConfigError, match="1 problem") as error:
        load_config(file)
    assert error.value.lines() == [f"{file}: is larger than 16 MiB"]


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["server", "token", "name", "base_url", "apis", "campaigns", "timezone", "licences"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=6,
        ),
    )
)
def test_no_content_breaks_the_reading(
    tmp_path_factory: pytest.TempPathFactory, entry: dict[str, object]
) -> None:
    file = tmp_path_factory.getbasetemp() / "hostile.yaml"
    file.write_text(yaml.safe_dump({"operations": [entry]}))
    try:
        load_config(file)
    except ConfigError as error:
        assert all(line.isprintable() for line in error.lines())  # noqa: PT017 - it may also be good


def test_the_folder_of_the_journals(load: Load, refused: Refused, tmp_path: Path) -> None:
    assert load({"operations": [GOOD]}).journals is None
    for name, folder in (("/var/journals", Path("/var/journals")), ("journals", tmp_path / "journals")):
        assert load({"operations": [GOOD], "writes": {"journals": name}}).journals == folder
    assert refused({"operations": [GOOD], "writes": {"journals": ["x"]}})


def test_nothing_is_written_to_the_vendor_unless_it_is_said(load: Load, refused: Refused) -> None:
    assert not load({"operations": [GOOD]}).writes_enabled
    assert not load({"operations": [GOOD], "writes": {}}).writes_enabled
    assert load({"operations": [GOOD], "writes": {"enabled": True}}).writes_enabled
    assert refused({"operations": [GOOD], "writes": {"enabled": "yes", "enable": True}}) == [
        "writes.enabled: true or false is expected",
        "writes.enable: unknown key (did you mean enabled?)",
    ]
