from hypothesis import given
from hypothesis import strategies as st

from exporter.settings.section import Problem, Section
from exporter.settings.values import text, zone


def section(raw: object, path: str = "") -> tuple[Section, list[Problem]]:
    problems: list[Problem] = []
    return Section(raw, path, problems), problems


def lines(problems: list[Problem]) -> list[str]:
    return [str(problem) for problem in problems]


def test_a_good_mapping_has_no_problem() -> None:
    root, problems = section({"a": "x", "b": ["y", "z"], "c": {"d": "w"}, "e": [{"f": "v"}]})
    assert root.get("a", text, "") == "x"
    assert root.each("b", text, []) == ("y", "z")
    assert root.section("c").get("d", text, "") == "w"
    assert [item.get("f", text, "") for item in root.sections("e")] == ["v"]
    root.finish()
    assert problems == []
    assert root.good("a", "b")


def test_what_is_missing_has_its_default() -> None:
    root, problems = section({})
    assert root.get("a", text, "x") == "x"
    assert root.each("b", text, ["y"]) == ("y",)
    assert root.section("c").get("d", text, "z") == "z"
    assert root.sections("e") == ()
    assert problems == []
    assert not root.given("a")


def test_null_is_missing_only_where_nothing_is_the_default() -> None:
    root, problems = section({"a": None, "b": None, "c": None, "d": None})
    assert root.get("a", text, None) is None
    assert root.get("b", text, "x") == "x"
    assert root.each("c", text, ["y"]) == ()
    root.section("d")
    assert lines(problems) == [
        "b: text is expected: put it in quotes",
        "c: a list is expected",
        "d: a mapping is expected",
    ]
    assert not root.given("a")


def test_every_problem_is_noted_with_its_path() -> None:
    root, problems = section({"a": 1, "b": ["x", 2, "y", 3], "c": {"d": 4}, "e": [{"f": 5}, 6]}, "top[0]")
    assert root.get("a", text, "stand-in") == "stand-in"
    assert root.each("b", text, []) == ("x", "y")
    root.section("c").get("d", text, None)
    for item in root.sections("e"):
        item.get("f", text, None)
    assert [problem.path for problem in problems] == [
        "top[0].a",
        "top[0].b[1]",
        "top[0].b[3]",
        "top[0].c.d",
        "top[0].e[1]",
        "top[0].e[0].f",
    ]
    assert not root.good("a")
    assert not root.good("b")
    assert root.good("c", "e")


def test_unknown_keys_are_refused_with_the_one_that_was_meant() -> None:
    root, problems = section({"interval": "5m", "intreval": "5m", "zzz": 1, 7: 1, "a.b": 1, "": 1, None: 1})
    root.get("interval", text, "")
    root.finish()
    assert lines(problems) == [
        "intreval: unknown key (did you mean interval?)",
        "zzz: unknown key",
        "7: unknown key",
        "'a.b': unknown key",
        "'': unknown key",
        "None: unknown key",
    ]


def test_a_value_without_end_makes_no_message_without_end() -> None:
    root, problems = section({"zone": "x" * 10**6, "y" * 10**6: 1})
    root.get("zone", zone, None)
    root.finish()
    assert [len(line) < 600 for line in lines(problems)] == [True, True]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.sampled_from("ab"), inner)
        ),
        max_leaves=10,
    )
)
def test_nothing_that_yaml_can_hold_breaks_it_and_problems_are_one_line(raw: object) -> None:
    root, problems = section(raw)
    root.get("a", text, None)
    root.each("b", text, [])
    for item in root.sections("a"):
        item.finish()
    root.section("b").finish()
    root.finish()
    for line in lines(problems):
        assert line.isprintable()
