"""What somebody has to write first is told, instead of an error of whoever reads it."""

import pytest

from generators import missing
from generators.alerting import alerts


def test_nothing_is_missing_here() -> None:
    assert missing.missing() == ""


def test_texts_that_a_rule_lacks_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = alerts()
    texts = {
        name: text for name, text in first["annotations"].items() if name not in {"summary_es", "action"}
    }
    rules = [{"alert": "WolkvoxNew", "annotations": texts}, {"alert": "WolkvoxBare"}, *others]
    monkeypatch.setattr(missing, "alerts", lambda: rules)
    assert missing.missing().splitlines() == [
        (
            "prometheus/rules: WolkvoxNew has not yet the label severity, the annotation action, "
            "the annotation summary_es"
        ),
        "prometheus/rules: WolkvoxBare has not yet the label severity, "
        + ", ".join(f"the annotation {name}" for name in missing.TEXTS),
    ]
