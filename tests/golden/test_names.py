"""Names that people really give, and names that are an attack, come through but for controls."""

import json
import re

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from golden.recording import ACCEPT, ask, polled
from support.fakes import campaign_settings_row, campaigns_row

NAMES = [
    'ENCUESTA "Satisfacción"',
    "C:\\listas\\nuevas\\n",
    "dos\nlíneas",
    "tres\r\nlíneas\tcon tabulador",
    "<script>alert('x')</script> & <b>",
    "📞 Ventas 🇨🇴 Ñandú",
    "x" * 300,
    "ñ" * 300,
    '{a="b"} 5',
    "# HELP wolkvox_up lie",
    "a\\",
    "\u202eoidem\u202c",
    "\x00\x01\x1b[31m",
    "dos\u2028lín\u2029eas",
    "\ud83d",  # half of a pair: becomes U+FFFD, for it cannot be written in UTF-8
]


def in_one_line(name: str) -> str:
    """Return a name as a label has it: several controls and line separators are one blank."""
    text = name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()


@pytest.mark.parametrize("form", ACCEPT)
def test_every_name_comes_back_from_a_strict_parser(form: str) -> None:
    rows = [
        campaign_settings_row(campaign_id=str(5000 + number), campaign_name=name, campaign_description=name)
        for number, name in enumerate(NAMES)
    ]
    live = [campaigns_row(f"{5000 + number} - {name} - tel1 (100%)") for number, name in enumerate(NAMES)]
    answers = {
        "information_campaigns": json.dumps({"code": "200", "error": None, "msg": "", "data": rows}).encode(),
        "real_time_campaigns": json.dumps(live).encode(),
    }
    with polled(answers) as service:
        text = ask(service, ACCEPT[form]).content.decode()
    parse = parse_text if form == "txt" else parse_openmetrics
    families = {family.name: family for family in parse(text)}
    expected = [in_one_line(name) for name in NAMES]
    for family in ("wolkvox_campaign_info", "wolkvox_campaign_records"):
        names = {s.labels["campaign_id"]: s.labels["campaign"] for s in families[family].samples}
        assert names == {str(5000 + number): name for number, name in enumerate(expected)}
    descriptions = {s.labels["description"] for s in families["wolkvox_campaign_info"].samples}
    assert descriptions == set(expected)


def test_without_information_the_name_is_what_is_left_of_the_campaign_text() -> None:
    names = [name for name in NAMES if name != "\ud83d"]
    live = [campaigns_row(f"{5000 + number} - {name} - tel1 (100%)") for number, name in enumerate(names)]
    with polled({"real_time_campaigns": json.dumps(live).encode()}) as service:
        text = ask(service, ACCEPT["txt"]).content.decode()
    families = {family.name: family for family in parse_text(text)}
    found = [sample.labels["campaign"] for sample in families["wolkvox_campaign_records"].samples]
    assert found == [in_one_line(name) for name in names]
