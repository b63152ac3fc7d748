"""The dashboards as texts, by their files; `make generate` writes them into grafana/dashboards/."""

from collections.abc import Mapping
from pathlib import Path

from dashboards import campaign, floor, health, skill
from dashboards.frame import Plan
from dashboards.language import LANGUAGES, Listener
from dashboards.spanish import SPANISH

FOLDER = Path(__file__).resolve().parents[1] / "grafana" / "dashboards"
PLANS: tuple[Plan, ...] = (floor.PLAN, campaign.PLAN, skill.PLAN, health.PLAN)


def render() -> Mapping[Path, str]:
    """Return the text of every dashboard in every language by its path in the folder of dashboards."""
    return {
        Path(say.code, f"{plan.uid}{say.suffix}.json"): plan.render(say)
        for say in LANGUAGES
        for plan in PLANS
    }


def texts() -> set[str]:
    """Return every English text of the dashboards."""
    listener = Listener()
    for plan in PLANS:
        plan.render(listener)
    return listener.heard


def untranslated() -> str:
    """Return what is to be done about texts without Spanish, "" where every text has its Spanish."""
    missing = sorted(texts() - SPANISH.keys())
    if not missing:
        return ""
    lines = "".join(f"  {text!r}\n" for text in missing)
    return f"add the Spanish of these to dashboards/spanish.py or spanish_details.py:\n{lines}"
