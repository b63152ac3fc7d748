from exporter.families import Family, MetricType, Scope
from exporter.metrics import FAMILIES

RESERVED = {"le", "quantile", "__name__"}

OF_TARGETS = {"job", "instance", "endpoint", "service", "pod", "container", "namespace", "node"}
"""Labels that Prometheus and its Operator give a target: they push those of the same name aside."""


def test_every_scope_has_its_labels() -> None:
    families = {scope: Family("f", "Help.", scope, labels=("own",)) for scope in Scope}
    assert {scope.value: family.label_names for scope, family in families.items()} == {
        "campaign": ("operation", "campaign_id", "campaign", "skill_id", "own"),
        "skill": ("operation", "skill_id", "skill", "own"),
        "api": ("operation", "api", "own"),
        "operation": ("operation", "own"),
        "process": ("own",),
    }


def test_help_of_what_is_not_cached_stands_alone() -> None:
    assert Family("f", "Help.", Scope.PROCESS).help_text == "Help."


def test_all_families_keep_the_rules_of_prometheus() -> None:
    names = [family.name for family in FAMILIES]
    assert len(set(names)) == len(names)
    for family in FAMILIES:
        assert family.name.startswith("wolkvox_exporter_" if family.scope is Scope.PROCESS else "wolkvox_")
        assert family.name.endswith("_total") is (family.metric_type is MetricType.COUNTER)
        assert not family.unit or family.name.endswith(f"_{family.unit}")
        assert not (RESERVED | OF_TARGETS) & set(family.label_names)
        assert family.help
