"""What alerts are called on dashboards is what the rules say of them."""

import re

from dashboards.alert_summaries import RULES, summaries
from dashboards.spanish import SPANISH


def test_every_alert_has_a_plain_summary_in_both_languages() -> None:
    texts = "".join(file.read_text(encoding="utf-8") for file in RULES.glob("*.yml"))
    assert summaries().keys() == set(re.findall(r"- alert: (\w+)", texts))
    for name, summary in summaries().items():
        assert SPANISH[summary["en"]] == summary["es"], name
        for text in summary.values():
            # What a rule fills in when it fires is not known to a dashboard.
            assert "{{" not in text, name
            assert text == text.strip(" .\n"), name
