"""The facts of each campaign that do not change, made from the seed and the campaign's number."""

from dataclasses import dataclass
from typing import Literal

from exporter.simulator.chance import key, mix, unit
from exporter.simulator.settings import SimulatorSettings

FIRST_ID = 4875
SKILLS = 3
"""The skills of an operation."""
NEWCOMER_AFTER = 30
"""The step at which a campaign appears that was not listed before."""

# Invented names with what confuses parsers: accents, " - ", brackets, quotes, a percentage of their own.
_NAMES = (
    "VENTAS HOGAR - Región Ficticia",
    "COBRANZA [30-60 días] SIMULADA",
    'ENCUESTA "Satisfacción" (piloto)',
    "Recuperación Ñandú - Fase 2 - Prueba",
    "PREVIEW Renovación de Ejemplo",
    "OFERTA (50%) de mentira",
    "Campaña nueva de demostración",
    "MIGRACIÓN 'Línea Inventada'",
    "AFILIACIÓN <Mañana> & Tarde",
    "Cartera Ficticia {B} / Norte",
)

WhenDry = Literal["stay", "recycle", "reload"]
Joint = Literal["groups", "commas", "blanks"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What does not change about a campaign while the simulator runs.

    key: what its chance is made of. pace: calls a minute in a good hour. worked: share of the list that was
    dialled before the start. when_dry: what the floor does once the list is used up. lines and joint: the
    tail of `campaign`. parked: nobody starts it. separators: thousands are written "1,234". blanks: "-", ""
    or null where there is no value. flickers: now and then missing from an answer. appears_at: the first step
    at which the vendor lists it. dead_every, dead_offset: the records with dead telephones alone are those
    whose number modulo the first is the second.
    """

    index: int
    campaign_id: str
    name: str
    key: int
    skill_id: str
    kind: Literal["predictive", "preview"]
    dial_mode: str
    description: str
    turbo: bool
    records: int
    pace: float
    worked: float
    when_dry: WhenDry
    lines: tuple[str, ...]
    joint: Joint
    parked: bool
    separators: bool
    blanks: bool
    flickers: bool
    appears_at: int
    dead_every: int
    dead_offset: int


_DEAD_EVERY = 13

_LINES: tuple[tuple[tuple[str, ...], Joint], ...] = (
    (("tel1", "tel2"), "groups"),
    (("tel1",), "groups"),
    (("tel1", "tel2", "tel3"), "commas"),
    (("tel1", "tel2"), "blanks"),
    ((), "groups"),
    (("Strategy",), "groups"),
    (("tel1",), "groups"),
    (("tel1", "tel3"), "commas"),
)
_BIG, _DRY, _PARKED, _RECYCLED, _PREVIEW, _STRATEGY, _NEW, _ODD = range(8)


def skill_ids(operation: int) -> tuple[str, ...]:
    """Return the ids of the skills of an operation."""
    return tuple(str(4000 + 100 * operation + number) for number in range(SKILLS))


def make_profile(settings: SimulatorSettings, operation: int, index: int) -> Profile:
    """Return campaign `index` of an operation; with events, the first eight have roles."""
    own = key(settings.seed, operation, index)
    bits = mix(own, 1)
    role = index if settings.events else None
    low, high = settings.records
    records = low + int(unit(bits, 0) * (high - low))
    worked = 0.05 + 0.4 * unit(bits, 1)
    pace = 5 + 25 * unit(bits, 2)
    match role:
        case 0:
            records, pace = max(records, 12_480), 38.0
        case 1:
            # The list is used up about a quarter of an hour after the start.
            worked, pace = max(0.0, 1 - 270 / records), 18.0
        case 3:
            worked, pace = max(0.0, 1 - 400 / records), 20.0
        case 4:
            pace = 2.5
        case 6:
            worked = 0.0
        case _:
            pass
    lines, joint = _LINES[index % len(_LINES)] if role is not None else _LINES[index % 4]
    name = _NAMES[index % len(_NAMES)]
    return Profile(
        index=index,
        campaign_id=str(FIRST_ID + 1000 * min(operation, 9) + index),
        name=name if index < len(_NAMES) else f"{name} {index // len(_NAMES) + 1}",
        key=own,
        skill_id=skill_ids(operation)[index % SKILLS],
        kind="preview" if role == _PREVIEW else "predictive",
        dial_mode=_dial_mode(settings, operation, role, index),
        description=" " if index % 2 else f"Campaña ficticia {index + 1}",
        turbo=index % 3 == 0,
        records=records,
        pace=pace,
        worked=worked,
        when_dry="stay" if role == _DRY else "recycle" if role == _RECYCLED or index % 3 == 1 else "reload",
        lines=lines,
        joint=joint,
        parked=role == _PARKED,
        separators=index == _BIG,
        blanks=role in {_PARKED, _ODD},
        flickers=role == _STRATEGY,
        appears_at=NEWCOMER_AFTER if role == _NEW else 0,
        dead_every=_DEAD_EVERY,
        dead_offset=mix(own, 2) % _DEAD_EVERY,
    )


def _dial_mode(settings: SimulatorSettings, operation: int, role: int | None, index: int) -> str:
    """Return `dial_mode` as on page "4. Campaigns", with a hyphen for its dash in every other operation."""
    if role == _STRATEGY:
        return "strategy"
    if index % 3 == 0:
        return "autopilot"
    dash = "-" if operation % 2 else "–"  # noqa: RUF001  the page has this dash
    unit_name = settings.styles[operation % len(settings.styles)].ring
    return f"phone{1 + index % 2} {dash} ring: {60 - 15 * (index % 2)}({unit_name})"
