"""Rows as the vendor writes them: all values are strings, with the oddities of its pages."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from exporter.simulator.access import Usage
from exporter.simulator.actions import NO_PROTECTION
from exporter.simulator.attempts import Attempts
from exporter.simulator.dialler import Figures
from exporter.simulator.queues import SkillNow
from exporter.simulator.settings import OperationStyle
from exporter.simulator.telephones import Codes, Record
from exporter.simulator.trail import TrailLine
from exporter.simulator.workforce import AgentNow
from exporter.simulator.world import Operation

Row = dict[str, str | None]

_SPELL: Mapping[str, Callable[[str], str]] = {
    "hyphens": str,
    "capitals": str.upper,
    "words": lambda result: result.replace("-", " ").title(),
}
"""Style of the results of report campaign_4 -> how one is written."""

_GIVEN = ("Ficticia", "Inventado", "Ñusta", "Ejemplo", "José de Prueba")
_FAMILY = ("Simulada", "Imaginario", "de Mentira", "Pérez Falso", "O'Ficticio", "Muñoz (prueba)", "Nadie")


def campaign_row(figures: Figures) -> Row:
    """Return a row of page "7. Real time reporting of campaigns"."""
    profile, tally = figures.profile, figures.tally
    number = _with_separators if profile.separators else str
    blank = profile.blanks and not figures.started
    return {
        "campaign": campaign_text(figures),
        "speed": "" if blank else f"{figures.speed}%",
        "status": "started" if figures.started else "stopped",
        "skill_id": figures.skill_id,
        "records": number(figures.records),
        "clean": number(figures.clean),
        "dial": number(tally.attempts),
        "answer": number(tally.answer),
        "no_answer": number(tally.no_answer),
        "busy/congestion/failed": number(tally.unreached),
        "answer_machine": number(tally.machine),
        "penetration_day": _percent(figures.dialled_today, figures.records),
        "penetration_now": None if blank else _percent(figures.records - figures.clean, figures.records),
        "hits": f"{number(tally.hits)} ({_percent(tally.hits, tally.answer)})",
        "calls_x_min": "-" if profile.blanks and not figures.calls_x_min else str(figures.calls_x_min),
        "recycled": str(figures.recycled),
    }


def campaign_text(figures: Figures) -> str:
    """Return the field `campaign`: id, name and dialling tail, whose groups are joined in several ways.

    "4875 - NAME - tel1 (60%) - tel2 (40%)", "... - tel1 (60%), tel2 (40%)", "... - Strategy (100%)", or none.
    """
    profile = figures.profile
    text = f"{profile.campaign_id} - {figures.name}"
    if not profile.lines:
        return text
    joint = {"groups": " - ", "commas": ", ", "blanks": " "}[profile.joint]
    groups = (f"{line} ({share}%)" for line, share in zip(profile.lines, figures.shares, strict=True))
    return f"{text} - {joint.join(groups)}"


def campaign_settings_row(figures: Figures, style: OperationStyle, last_use: datetime | None) -> Row:
    """Return a row of page "4. Campaigns". `last_use` is in the operation's zone."""
    profile = figures.profile
    pattern = "%Y-%m-%d" if style.last_use == "day" else "%Y-%m-%d %H:%M:%S"
    return {
        "campaign_id": profile.campaign_id,
        "campaign_name": figures.name,
        "campaign_description": profile.description,
        "type_campaign": profile.kind,
        "status": "Started" if figures.started else "Stopped",
        "records": str(figures.records),
        "speed": f"{figures.speed}%",
        "dial_mode": profile.dial_mode,
        "last_use": last_use.strftime(pattern) if last_use else "",
        "recycled": str(figures.recycled_records),
        "turbo_dial": style.turbo[0] if profile.turbo else style.turbo[1],
        "skill_id": figures.skill_id,
    }


def token_info_row(name: str, token: str, usage: Usage) -> Row:
    """Return the row of information.php?api=token_info (the vendor's page on the use of a token)."""
    return {
        "description": f"Token {name}",
        "token_limit": str(usage.limit),
        "token_use_today": str(usage.by_token.get(token, 0)),
        "all_token_today": str(usage.total),
        "available_consumption_options": str(max(0, usage.limit - usage.total)),
    }


def machine_code_rows(codes: Iterable[Codes], *, total: bool) -> Iterator[Row]:
    """Yield the rows of report campaign_8, one for each telephone and, if wanted, their TOTAL."""
    sums = [0] * 6
    for code in codes:
        counts = (code.total, *code[1:])
        if total:
            sums = [before + count for before, count in zip(sums, counts, strict=True)]
        yield _codes_row(code.telephone, counts)
    if total:
        yield _codes_row("TOTAL", sums)


def attempt_rows(attempts: Attempts, style: OperationStyle) -> list[Row]:
    """Return the rows of report campaign_4, none without calls; a result that no call had has no row."""
    whole = sum(attempts)
    counts = {name.replace("_", "-"): count for name, count in attempts._asdict().items() if count}
    if counts and style.total_row:
        counts["TOTAL"] = whole
    spell = _SPELL[style.results]
    return [
        {"result": spell(result), "records": str(count), "percent": _percent(count, whole)}
        for result, count in counts.items()
    ]


def skill_row(skill: SkillNow) -> Row:
    """Return a row of real_time.php?api=skills (the vendor's collection; no real answer was seen)."""
    levels = [f"{100 * level:.2f} %" for level in skill.levels] if skill.levels else ["-"] * 3
    return {
        "skill_id": skill.skill_id,
        "skill_name": skill.name,
        "calls_in_queue_now": str(skill.queued),
        "stat_inbound": str(skill.inbound),
        "stat_answer": str(skill.answered),
        "stat_abandon": str(skill.abandoned),
        "service_level_10seg": levels[0],
        "service_level_20seg": levels[1],
        "service_level_30seg": levels[2],
        "by_abandon": _percent(skill.abandoned, skill.inbound),
    }


def agent_row(one: AgentNow) -> Row:
    """Return a row of real_time.php?api=agents (the vendor's collection; no real answer was seen)."""
    busy = one.worked - one.auxiliary
    return {
        "agent_id": one.agent.agent_id,
        "agent_name": one.agent.name,
        "agent_status": one.status,
        "calls": str(one.outbound + one.internal),
        "inbound": "0",
        "outbound": str(one.outbound),
        "internal": str(one.internal),
        "time_state_now": _hours(one.in_status),
        "ready_time": _hours(one.ready),
        "ocupation": _percent(busy - one.ready, busy),
        "aux_time": _hours(one.auxiliary),
    }


def services_row(operation: Operation) -> Row:
    """Return the row of information.php?api=services (the vendor's collection; no real answer was seen)."""
    yes, no = operation.facts.style.turbo
    return {
        "licenses": str(operation.licences_told),
        "pbx": yes,
        "intelligentdial": yes,
        "customer_prot": no if NO_PROTECTION in operation.conditions else yes,
        "turbo_dial": yes,
    }


def audit_row(line: TrailLine) -> Row:
    """Return a row of information.php?api=audit_log (the vendor's collection; its actions are relied on)."""
    return {
        "date": line.at.strftime("%Y-%m-%d %H:%M:%S"),
        "ip": line.ip,
        "user": line.user,
        "action": line.action,
        "workstation": line.workstation,
    }


def found_row(record: Record) -> Row:
    """Return a row of page "12. Search Campaign Registration"; people and their data are invented."""
    given, family = record.number % len(_GIVEN), record.number // len(_GIVEN) % len(_FAMILY)
    row: Row = {
        "customer_name": _GIVEN[given],
        "customer_last_name": _FAMILY[family],
        "customer_id": record.customer_id,
    }
    row.update((f"opt{number}", f"ficticio {number}" if number == 1 else "") for number in range(1, 13))
    row.update(zip(("tel1", "tel2", "tel3"), (*record.telephones, "", ""), strict=False))
    row.update(
        {
            "date": record.last_dial.strftime("%Y-%m-%d %H:%M:%S") if record.last_dial else "",
            "calls": str(record.calls),
            "conn_id": f"SIM{record.number:09d}" if record.calls else "",
            "result": record.disposition,
            "campaign_id": record.campaign_id,
        }
    )
    return row


def _codes_row(telephone: str, counts: Iterable[int]) -> Row:
    names = ("total_machine_recognitions", "no_answer", "answer_machine", "busy", "congestion", "failed")
    row: Row = {"telephone": telephone}
    row.update(zip(names, map(str, counts), strict=True))
    return row


def _hours(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _with_separators(count: int) -> str:
    return f"{count:,}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole if whole else 0:,.2f} %"
