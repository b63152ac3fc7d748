"""What the vendor answers in the model's month: campaigns that come and go, and figures in every form.

Everything is drawn with the `random.Random` that is passed in. What an answer means is not known here: the
model reads it anew.
"""

import math
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final

Json = object
"""Any JSON value."""


_ABSENT: Final = (None, "", " ", "-")
_UNREADABLE: Final[tuple[Json, ...]] = (
    "n/d", "NaN", math.nan, math.inf, -math.inf, "Infinity", [], {"a": 1}, "12..5", "#N/A", "-0x1F", "\u221e",
    "1,23,4", "1 (", "--", ["1"], "<b>7</b>", "1e3",
)  # fmt: skip
_NAMES: Final = (
    "VENTAS", "COBRANZA [30-60 d\u00edas]", 'ENCUESTA "Satisfacci\u00f3n"', "A - B",
    "OFERTA (50%) de mentira",
    "PROMO (2024)", "RENOVACI\u00d3N HOGAR NAVIDAD",
    "RENOVACION HOGAR NAV", "C:\\CARTERA", "\u00d1AND\u00da {B} / Norte",
    "L" * 1100, "Ventas", "A,B=C", "TELEVENTAS (Norte)", "None", "0",
)  # fmt: skip
_CONTROLS: Final = ("\n", "\r\n", "\x0b", "\x85", "\u2028", "\t", "\x00", "\x1b")
_SKILLS: Final = ("4000", "4001", 4002)
_TAILS: Final = (
    "", " - tel1 (100%)", " - tel1 ({0}%)", " - tel1 ({0}%) - tel2 ({1} %)", " - tel1 ({0}%), tel2 ({1}%)",
    " - tel1 ({0}%) tel2 ({1}%)", " - Strategy (Manana ({0}%) - Tarde ({1}%))", " - autopilot (100%)",
    " - phone1 ({0}.50 %)",
)  # fmt: skip
_SUCCESS: Final = (200, "200", "0", 0, "", " ", None)


def count(chance: Random, figure: int) -> Json:
    """Return a count as the vendor, or somebody, writes it."""
    grouped = f"{figure:,}"
    forms = (str(figure), figure, grouped, grouped.replace(",", "."), float(figure), f" {figure} ")
    return forms[0] if chance.random() < 0.6 else chance.choice(forms)


def percent(chance: Random, hundredths: int) -> Json:
    """Return a percentage, given in hundredths of a percent."""
    value = hundredths / 100
    whole, rest = divmod(hundredths, 100)
    forms = (
        f"{value:.2f} %", f"{value:.2f}%", f"{value:,.2f} %", f"{whole},{rest:02} %", f"{whole}%",
        f"{value:.2f}", value, whole, f"{value:.1f} %", f"-{value:.2f} %",
    )  # fmt: skip
    return forms[0] if chance.random() < 0.5 else chance.choice(forms)


def hits(chance: Random, figure: int, hundredths: int) -> Json:
    """Return hits with their percentage."""
    value = hundredths / 100
    forms = (
        f"{figure} ({value:.2f} %)",
        f"{figure:,} ({value:.1f}%)",
        str(figure),
        figure,
        f"{figure}({value:.2f} %)",
    )
    return chance.choice(forms)


def rate(chance: Random, thousandths: int) -> Json:
    """Return calls a minute."""
    value = thousandths / 1000
    forms = (
        str(thousandths // 1000), f"{value:.3f}", f"{value:.1f}", f"{value:.1f}".replace(".", ","), value,
        f"{value:,.2f}",
    )  # fmt: skip
    return chance.choice(forms)


@dataclass
class Campaign:
    """One campaign of the floor as the vendor knows it."""

    campaign_id: str
    name: str
    other_name: str
    skill: Json
    tail: str
    records: int
    dialled: int
    started: bool = True
    listed: set[str] = field(default_factory=lambda: {"campaigns", "campaign_settings"})
    with_id: bool = True
    joint: str = " - "


class Floor:
    """The campaigns of one operation. `oddity` is the share of values that are absent or unreadable."""

    def __init__(self, chance: Random) -> None:
        self.oddity = 0.0
        self.others_calls = chance.randrange(400)
        self.calls = 0
        self.day: date | None = None
        self._next = 1000 + chance.randrange(9000)
        self.campaigns: list[Campaign] = []
        for _ in range(chance.randrange(1, 5)):
            self.appear(chance)

    def appear(self, chance: Random) -> None:
        """Let a campaign appear."""
        self._next += chance.randrange(1, 9)
        name = chance.choice(_NAMES)
        records = chance.choice((0, 10, 1234, 60_000))
        self.campaigns.append(
            Campaign(
                str(self._next),
                name,
                name if chance.random() < 0.7 else chance.choice(_NAMES),
                chance.choice(_SKILLS),
                self._tail(chance),
                records,
                chance.choice((0, records // 2, records, records + 7)),
                with_id=chance.random() < 0.95,
                joint=chance.choice((" - ", "-")),
            )
        )

    def change(self, chance: Random) -> None:  # noqa: C901 - one case each
        """Let something happen on the floor."""
        if not self.campaigns or (len(self.campaigns) < 7 and chance.random() < 0.25):
            self.appear(chance)
            return
        one, other = chance.choice(self.campaigns), chance.choice(self.campaigns)
        match chance.randrange(10):
            case 0:
                self.campaigns.remove(one)
            case 1:
                one.campaign_id, other.campaign_id = other.campaign_id, one.campaign_id
            case 2:
                one.skill = chance.choice(_SKILLS)
            case 3:
                one.name = chance.choice(_NAMES)
            case 4:
                one.other_name = chance.choice(_NAMES)
            case 5:
                one.tail = self._tail(chance)
            case 6:
                one.listed ^= {chance.choice(("campaigns", "campaign_settings"))}
            case 7:
                one.started = not one.started
            case 8:
                one.dialled = chance.choice((0, one.records, one.dialled + 3))
            case _:
                chance.shuffle(self.campaigns)

    @staticmethod
    def _tail(chance: Random) -> str:
        share = chance.randrange(101)
        return chance.choice(_TAILS).format(share, 100 - share)

    # Answers.

    def rows(self, api: str, chance: Random, campaign: str = "") -> list[Json]:
        """Return the rows of an answer."""
        if api == "token_info":
            return [self._token_row(chance)]
        if api == "machine_codes":
            return self._telephones(chance, campaign)
        others = {
            "services": self._services,
            "skills": self._skills,
            "agents": self._agents,
            "campaign_results": self._attempts,
            "audit_log": self._audit,
        }
        if api in others:
            return self._with_oddities(others[api](chance), chance)
        make = self._live if api == "campaigns" else self._known
        rows: list[Json] = [make(one, chance) for one in self.campaigns if api in one.listed]
        if rows and chance.random() < self.oddity:
            rows.append(chance.choice(rows))  # the same once more
            again = chance.choice(self.campaigns)
            rows.append(make(again, chance))  # the same campaign with other figures
        if chance.random() < self.oddity:
            rows.insert(
                chance.randrange(len(rows) + 1), chance.choice((None, "x", 7, [], {}, {"campaign": " "}))
            )
        return rows

    def _row(self, chance: Random, row: dict[str, Json], keep: set[str]) -> dict[str, Json]:
        for name in list(row):
            if name in keep or chance.random() >= self.oddity:
                continue
            odd = chance.randrange(3)
            if odd == 0:
                del row[name]
            else:
                row[name] = chance.choice(_ABSENT if odd == 1 else _UNREADABLE)
        return row

    def _live(self, one: Campaign, chance: Random) -> Json:
        name = self._with_controls(one.name, chance)
        tail = one.tail if chance.random() >= self.oddity / 2 else " - tel1 (x %)"
        head = f"{one.campaign_id}{one.joint}{name}" if one.with_id or name[0].isdigit() else name
        figure = chance.randrange
        row = {
            "campaign": head + tail,
            "skill_id": one.skill,
            "status": ("started" if one.started else "stopped").title() if figure(3) else "STARTED",
            "speed": percent(chance, figure(30_000)),
            "records": count(chance, one.records),
            "clean": count(chance, max(one.records - one.dialled, 0)),
            "dial": count(chance, one.dialled),
            "answer": count(chance, figure(2000)),
            "no_answer": count(chance, figure(2000)),
            "busy/congestion/failed": count(chance, figure(2000)),
            "answer_machine": count(chance, figure(2_000_000)),
            "penetration_day": percent(chance, figure(2_000_000)),
            "penetration_now": percent(chance, figure(12_000)),
            "hits": hits(chance, figure(2000), figure(10_000)),
            "calls_x_min": rate(chance, figure(2_000_000)),
            "recycled": count(chance, figure(9)),
        }
        return self._row(chance, row, {"campaign"})

    def _known(self, one: Campaign, chance: Random) -> Json:
        modes = (
            "autopilot",
            "strategy",
            f"phone1 \u2013 ring: {chance.randrange(99)}(seg)",
            "phone2 - ring: 45(sec)",
        )
        days = f"2026-08-{1 + chance.randrange(28):02}"
        row: dict[str, Json] = {
            "campaign_id": one.campaign_id if chance.random() < 0.8 else int(one.campaign_id),
            "campaign_name": self._with_controls(one.other_name, chance),
            "skill_id": one.skill,
            "type_campaign": chance.choice(("predictive", "preview", "")),
            "dial_mode": chance.choice(modes),
            "campaign_description": chance.choice((" ", "Lista ficticia", 'con "comillas" y \\', "D" * 1500)),
            "status": "Started" if one.started else "Stopped",
            "speed": percent(chance, chance.randrange(20_000)),
            "records": count(chance, one.records),
            "recycled": count(chance, chance.randrange(5000)),
            "turbo_dial": chance.choice(("yes", "no", "si", "1", "0", "Active", "off", 1, 0)),
            "last_use": chance.choice((f"{days} 08:02:08", f"{days}-08", days)),
        }
        return self._row(chance, row, {"campaign_id"})

    def _with_controls(self, name: str, chance: Random) -> str:
        if " " in name or not 1 < len(name) < 99 or chance.random() >= self.oddity:
            return name
        at = 1 + chance.randrange(len(name) - 1)
        return name[:at] + chance.choice(_CONTROLS) + name[at:]

    def _token_row(self, chance: Random) -> Json:
        row = {
            "description": "BI",
            "token_limit": count(chance, 25_000),
            "token_use_today": count(chance, self.calls),
            "all_token_today": count(chance, self.calls + self.others_calls),
        }
        if chance.random() < self.oddity:
            row["token_limit"] = chance.choice((0, "0"))
        return self._row(chance, row, set())

    def _telephones(self, chance: Random, campaign: str) -> list[Json]:
        rows: list[Json] = []
        first = 3_000_000_000 + int(campaign) * 100
        for number in range(chance.randrange(6)):
            figures = [chance.choice((0, 0, 1, 5, 1200)) for _ in range(5)]
            if chance.random() < 0.4:
                figures[:3] = [0, 0, 0]
            names = ("no_answer", "answer_machine", "busy", "congestion", "failed")
            row: dict[str, Json] = {
                "telephone": first + number if chance.random() < 0.3 else str(first + number)
            }
            row.update({name: count(chance, figure) for name, figure in zip(names, figures, strict=True)})
            row["total_machine_recognitions"] = count(chance, figures[1])
            rows.append(self._row(chance, row, {"telephone"}))
        if rows and chance.random() < 0.3:
            again = chance.choice(rows)
            rows.append(
                {**again, "failed": count(chance, chance.randrange(3))} if isinstance(again, dict) else again
            )
        if chance.random() < 0.3:
            rows.append({"telephone": chance.choice(("TOTAL", "Total")), "no_answer": "999", "failed": "999"})
        if chance.random() < self.oddity:
            rows.append(chance.choice((None, "x", {}, {"telephone": "-"}, {"telephone": "n/d", "busy": "1"})))
        return rows

    def _with_oddities(self, rows: list[Json], chance: Random) -> list[Json]:
        """Return rows of which one may come twice, and with one that is none."""
        if rows and chance.random() < self.oddity:
            rows.append(chance.choice(rows))
        if chance.random() < self.oddity:
            rows.append(chance.choice((None, "x", 7, [], {})))
        return rows

    def _services(self, chance: Random) -> list[Json]:
        row: dict[str, Json] = {
            "licenses": count(chance, chance.choice((25, 25, 30, 0))),
            "pbx": "yes",
            "customer_prot": chance.choice(("yes", "no", "YES", 1, 0)),
        }
        return [self._row(chance, row, set())]

    def _skills(self, chance: Random) -> list[Json]:
        rows: list[Json] = []
        for number in range(chance.randrange(4)):
            figure = chance.randrange
            row: dict[str, Json] = {
                "skill_id": chance.choice((str(4000 + number), 4000 + number)),
                "skill_name": chance.choice(_NAMES),
                **{name: count(chance, figure(2000)) for name in ("calls_in_queue_now", "stat_inbound")},
                **{name: count(chance, figure(2000)) for name in ("stat_answer", "stat_abandon")},
                **{f"service_level_{one}seg": percent(chance, figure(10_000)) for one in (10, 20, 30)},
                "by_abandon": percent(chance, figure(10_000)),
            }
            rows.append(self._row(chance, row, {"skill_id", "skill_name"}))
        return rows

    def _agents(self, chance: Random) -> list[Json]:
        statuses = ("Ready", "TALK", "acw", "Auxiliary", "Logout", *(["Pausa"] if self.oddity else []))
        rows: list[Json] = []
        for number in range(chance.randrange(8)):
            row: dict[str, Json] = {
                "agent_id": chance.choice((str(1001 + number), 1001 + number)),
                "agent_name": f"FICTICIA {'ABCDEFGH'[number]}",
                "agent_status": chance.choice(statuses),
                "calls": count(chance, chance.randrange(99)),
            }
            rows.append(self._row(chance, row, {"agent_id", "agent_name"}))
        return rows

    def _attempts(self, chance: Random) -> list[Json]:
        rows: list[Json] = []
        results = chance.sample(
            ("no-answer", "BUSY", "Answer", "answer machine", "ABANDON", "do_not_call"), 4
        )
        if chance.random() < self.oddity:
            results.append("COLGADO")
        for result in results[: chance.randrange(6)]:
            row: dict[str, Json] = {
                "result": result,
                "records": count(chance, chance.randrange(3000)),
                "percent": percent(chance, chance.randrange(10_000)),
            }
            rows.append(self._row(chance, row, {"result"}))
        if chance.random() < 0.3:
            rows.append({"result": chance.choice(("TOTAL", "Total general")), "records": "999"})
        return rows

    def _audit(self, chance: Random) -> list[Json]:
        rows: list[Json] = []
        for _ in range(chance.randrange(5)):
            campaign = chance.choice(self.campaigns).campaign_id if self.campaigns else "1"
            row: dict[str, Json] = {
                "date": f"2026-08-{1 + chance.randrange(28):02} 10:{chance.randrange(60):02}:08",
                "user": "ficticio",
                "action": chance.choice(
                    (
                        f"Predictive: stop campaign {campaign}",
                        f"Predictive: start campaign {campaign}",
                        "logged in to the system",
                        "API Campaign add_record",
                        "API information token_info has been consumed",
                    )
                ),
            }
            rows.append(self._row(chance, row, {"action"}))
        return rows


def envelope(chance: Random, rows: list[Json]) -> Json:
    """Return rows as a bare list or under `data`."""
    if chance.random() < 0.3:
        return rows
    around = [
        ("code", chance.choice(_SUCCESS)),
        ("error", chance.choice((None, ""))),
        ("msg", f"{len(rows)} records were found"),
        ("data", _as_object(chance, rows)),
    ]
    if chance.random() < 0.2:
        chance.shuffle(around)
    return dict(around)


def _as_object(chance: Random, rows: list[Json]) -> Json:
    """Return rows as they are, or as an object: the one row, or several by their numbers."""
    if not rows or not all(isinstance(row, dict) for row in rows) or chance.random() >= 0.1:
        return rows
    return rows[0] if len(rows) == 1 else {str(number): row for number, row in enumerate(rows)}


def refusal(status: int, message: str) -> Json:
    """Return the vendor's own envelope without rows."""
    return {"code": str(status), "error": "Not Found" if status == 404 else "Forbidden", "msg": message}
