import pytest

from exporter.metrics import Selection


@pytest.mark.parametrize(
    ("names", "family", "wanted"),
    [
        (None, "wolkvox_up", True),
        ({"wolkvox_up"}, "wolkvox_up", True),
        ({"wolkvox_up"}, "wolkvox_upper", False),
        ({"wolkvox_requests_total"}, "wolkvox_requests_total", True),
        ({"wolkvox_requests"}, "wolkvox_requests_total", True),
        ({"wolkvox_up_total"}, "wolkvox_up", False),
        (set(), "wolkvox_up", False),
    ],
)
def test_which_families_are_asked_for(names: set[str] | None, family: str, wanted: bool) -> None:
    assert Selection(names=None if names is None else frozenset(names)).wants(family) is wanted
