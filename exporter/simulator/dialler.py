"""The living model of one campaign: a list that is dialled minute by minute.

Pure: time comes in as whole steps (`hours.STEP` seconds) since the start, chance as a hash of campaign and
step. A campaign asked once at step 90 and one asked at each step up to 90 are the same.
"""

from dataclasses import dataclass, field, replace

from exporter.simulator.cast import DEAD_EVERY, Part
from exporter.simulator.chance import mix, unit
from exporter.simulator.hours import Hours, Moment
from exporter.simulator.ledger import QUARTER, Ledger, Tally

_SPEEDS = (80, 90, 100, 100, 110, 110, 120, 150)
_RECYCLE_AFTER = 10
_RELOAD_AFTER = 25
_FLICKER_EVERY = 7
_FLICKER_STEPS = 5
_MACHINE, _BUSY, _CONGESTION, _FAILED, _HIT = 0.14, 0.07, 0.03, 0.02, 0.13
_TYPICAL_ANSWER = 0.22


@dataclass(frozen=True, slots=True)
class Figures:
    """A campaign at one moment, as numbers; the shapes of the API are made of it elsewhere."""

    part: Part
    name: str
    started: bool
    speed: int
    records: int
    clean: int
    tally: Tally
    dialled_today: int
    calls_x_min: int
    recycled: int
    recycled_records: int
    last_dial: int | None
    shares: tuple[int, ...]


@dataclass(slots=True)
class Campaign:
    """One campaign's state, brought forward by `advance`.

    place: how many places of the running order are passed since the beginning; lap x records + the position
    in the list. coded: record number -> the place at which it was coded; a coded record is passed without a
    call. switch: True or False once somebody started or stopped it by hand, None while it follows the shift.
    """

    part: Part
    hours: Hours
    step: int = 0
    place: int = 0
    lap: int = 0
    total: Tally = field(default_factory=Tally)
    base: Tally = field(default_factory=Tally)
    recycled: int = 0
    recycled_records: int = 0
    calls_x_min: int = 0
    last_dial: int | None = None
    dry_since: int | None = None
    day: int = 0
    before_today: int = 0
    switch: bool | None = None
    name: str = ""
    removed: bool = False
    coded: dict[int, int] = field(default_factory=dict)
    coded_ahead: int = 0
    dispositions: dict[int, str] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)

    def __post_init__(self) -> None:
        """Dial what was dialled before the simulator started, in one go: this morning's work."""
        self.name = self.name or self.part.name
        moment = self.hours.at(0)
        self.day = moment.day
        if done := int(self.part.records * self.part.worked):
            self._dial(done, _TYPICAL_ANSWER, mix(self.part.key, -1))
            self.last_dial = 0
            self.ledger.keep(0, self.place, self.total)

    @property
    def position(self) -> int:
        """Records of the list passed in this lap, 0..records."""
        return self.place - self.lap * self.part.records

    def listed(self, step: int) -> bool:
        """Whether the vendor's list has the campaign: not removed, already there, not in a gap."""
        if self.removed or step < self.part.appears_at:
            return False
        gap = step // _FLICKER_STEPS % _FLICKER_EVERY == _FLICKER_EVERY - 1
        return not (self.part.flickers and gap)

    def started(self, step: int) -> bool:
        """Whether the campaign is switched on; on with a used-up list is on."""
        if self.switch is not None:
            return self.switch
        return not self.part.parked and self.hours.at(step).on_shift

    def advance(self, step: int) -> None:
        """Bring the campaign forward to the end of `step`; never back."""
        for now in range(self.step + 1, step + 1):
            self._minute(now, self.hours.at(now))
            if now % QUARTER == 0:
                self.ledger.keep(now, self.place, self.total)
        self.step = max(self.step, step)

    def recycle(self) -> None:
        """Make the whole list clean again. `dial` stays, so `records = clean + dial` no longer holds."""
        self._next_lap()
        self.recycled += 1
        self.recycled_records += self.part.records

    def code(self, record: int, disposition: str = "") -> None:
        """Mark a record as dealt with, so that it is not dialled any more. Raises IndexError.

        A second coding replaces the disposition of the first.
        """
        if not 0 <= record < self.part.records:
            raise IndexError(record)
        self.dispositions[record] = disposition
        if record not in self.coded:
            self.coded[record] = self.place
            self.coded_ahead += record >= self.position

    def laps(self, record: int) -> int:
        """Return how often a record was dialled since the beginning."""
        last = self.coded.get(record, self.place)
        return max(0, -(-(min(last, self.place) - record) // self.part.records))

    def figures(self) -> Figures:
        """Return the figures of the step the campaign stands at."""
        return Figures(
            part=self.part,
            name=self.name,
            started=self.started(self.step),
            speed=self._speed(self.step),
            records=self.part.records,
            clean=self.part.records - self.position - self.coded_ahead,
            tally=self.total.minus(self.base),
            dialled_today=self.total.attempts - self.before_today,
            calls_x_min=self.calls_x_min,
            recycled=self.recycled,
            recycled_records=self.recycled_records,
            last_dial=self.last_dial,
            shares=self._shares(),
        )

    def _minute(self, step: int, moment: Moment) -> None:
        if moment.day != self.day:
            self.day, self.before_today = moment.day, self.total.attempts
        self.calls_x_min = 0
        if step < self.part.appears_at or not self.started(step):
            return
        if self.position >= self.part.records:
            self._dry(step)
            return
        bits = mix(self.part.key, step)
        brisk = self.part.pace * moment.pace * self._speed(step) / 100
        wanted = int(brisk * (0.75 + 0.5 * unit(bits, 0)) + unit(bits, 1))
        if wanted:
            self.calls_x_min = self._dial(wanted, moment.answered, bits)
            self.last_dial = step if self.calls_x_min else self.last_dial

    def _dry(self, step: int) -> None:
        self.dry_since = step if self.dry_since is None else self.dry_since
        waited = step - self.dry_since
        if self.part.when_dry == "recycle" and waited >= _RECYCLE_AFTER:
            self.recycle()
        elif self.part.when_dry == "reload" and waited >= _RELOAD_AFTER:
            # A fresh list in the same campaign: every count starts again.
            self._next_lap()
            self.base, self.recycled, self.recycled_records = replace(self.total), 0, 0

    def _next_lap(self) -> None:
        # A lap cut short leaves places that were never dialled; the report skips to the next lap's first.
        if self.position < self.part.records:
            self.ledger.keep(self.step, self.place, self.total)
            self.lap += 1
            self.place = self.lap * self.part.records
            self.ledger.skip(self.place)
        else:
            self.lap += 1
        self.coded_ahead = len(self.coded)
        self.dry_since = None

    def _dial(self, wanted: int, answered: float, bits: int) -> int:
        """Pass up to `wanted` places and share out the outcomes; return the calls made."""
        begin = self.position
        end = min(begin + wanted, self.part.records)
        skipped = skipped_dead = 0
        if self.coded_ahead:
            passed = [record for record in range(begin, end) if record in self.coded]
            skipped = len(passed)
            skipped_dead = sum(is_dead(self.part, record) for record in passed)
            self.coded_ahead -= skipped
        self.place += end - begin
        dead = _dead_below(self.part, end) - _dead_below(self.part, begin) - skipped_dead
        calls = end - begin - skipped
        self.total.dead += dead
        self._share_out(calls - dead, answered, bits)
        return calls

    def _share_out(self, calls: int, answered: float, bits: int) -> None:
        more = mix(bits, 1)
        total, preview = self.total, self.part.kind == "preview"
        left = calls
        answer = min(left, int(calls * answered + unit(bits, 2)))
        left -= answer
        machine = 0 if preview else min(left, int(calls * _MACHINE + unit(bits, 3)))
        left -= machine
        busy = min(left, int(calls * _BUSY + unit(more, 0)))
        left -= busy
        congestion = min(left, int(calls * _CONGESTION + unit(more, 1)))
        left -= congestion
        failed = min(left, int(calls * _FAILED + unit(more, 2)))
        total.answer += answer
        total.machine += machine
        total.busy += busy
        total.congestion += congestion
        total.failed += failed
        total.no_answer += left - failed
        total.hits += min(answer, int(answer * _HIT + unit(more, 3)))

    def _speed(self, step: int) -> int:
        """Return the speed in percent; somebody turns the knob about once in two hours."""
        return _SPEEDS[mix(self.part.key, -2 - step // 120) % len(_SPEEDS)]

    def _shares(self) -> tuple[int, ...]:
        """Return the percentage of calls each line gets this half hour; together 100."""
        count = len(self.part.lines)
        left, shares = 100, []
        bits = mix(self.part.key ^ 0x5348, self.step // 30)
        for line in range(count - 1):
            share = 5 * int((0.3 + 0.5 * unit(bits, line)) * left / 5)
            shares.append(share)
            left -= share
        return (*shares, left) if count else ()


def is_dead(part: Part, record: int) -> bool:
    """Whether every telephone of the record only ever gives congestion or failed."""
    return record % DEAD_EVERY == part.dead_offset


def _dead_below(part: Part, record: int) -> int:
    return (record - part.dead_offset + DEAD_EVERY - 1) // DEAD_EVERY
