"""The living model of one campaign: a list that is dialled minute by minute.

Time comes in as whole steps of a minute since the start, and chance is a hash of campaign and step: it makes
no difference whether a campaign is looked at at every step or once in a while.
"""

from collections import deque
from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace

from exporter.simulator.actions import ACTIONS, CLEARED, FINE, NO_AGENTS, TROUBLES, Trouble
from exporter.simulator.attempts import Attempts, attempts_between
from exporter.simulator.chance import mix, unit
from exporter.simulator.hours import TYPICAL, Hours, Moment
from exporter.simulator.ledger import QUARTER_STEPS, Ledger, Stretch, Tally
from exporter.simulator.profiles import SKILLS, Profile

_SPEEDS = (80, 90, 100, 100, 110, 110, 120, 150)
_RECYCLE_AFTER_STEPS = 10
_RELOAD_AFTER_STEPS = 25
_FLICKER_EVERY = 7
_FLICKER_STEPS = 5
_BUSY, _CONGESTION, _FAILED, _HIT = 0.07, 0.03, 0.02, 0.13
_KEEP_SWITCHES = 100
_NEARLY_ALL = 0.15
"""The most that is left of a list that is about to end, as a share of it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A campaign at one moment, in numbers; `shapes` makes the vendor's rows of them."""

    profile: Profile
    name: str
    skill_id: str
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

    conditions: what holds in the whole operation, of `actions.CONDITIONS`. place: how many places of the
    running order were passed since the beginning: lap x records + the position in the list. coded: record
    number -> the place at which it was coded; a coded record is passed without a call. connected: people whom
    an agent got in the last minute. switch: True or False once it was switched, None while it follows the
    shift. switches: when somebody did that by hand, in steps and parts of one, and what. trouble: what is
    wrong with it, of TROUBLES. moved: whether another skill has its calls. later: step -> what will be done
    to it then.
    """

    profile: Profile
    hours: Hours
    conditions: Container[str] = ()
    step: int = 0
    place: int = 0
    lap: int = 0
    total: Tally = field(default_factory=Tally)
    base: Tally = field(default_factory=Tally)
    recycled: int = 0
    recycled_records: int = 0
    calls_x_min: int = 0
    connected: int = 0
    last_dial: int | None = None
    dry_since: int | None = None
    day: int = 0
    before_today: int = 0
    switch: bool | None = None
    trouble: str | None = None
    moved: bool = False
    later: dict[int, str] = field(default_factory=dict)
    switches: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=_KEEP_SWITCHES))
    name: str = ""
    removed: bool = False
    coded: dict[int, int] = field(default_factory=dict)
    coded_ahead: int = 0
    dispositions: dict[int, str] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)

    def __post_init__(self) -> None:
        """Dial in one go what was dialled before the simulator started: this morning's work."""
        self.name = self.name or self.profile.name
        moment = self.hours.at(0)
        self.day = moment.day
        if done := int(self.profile.records * self.profile.worked):
            self._dial(done, TYPICAL, mix(self.profile.key, -1))
            self.last_dial = 0
            self.ledger.keep(0, self.place, self.total)

    @property
    def position(self) -> int:
        """The records of the list that were passed in this lap, 0 to all."""
        return self.place - self.lap * self.profile.records

    @property
    def skill_id(self) -> str:
        """The skill that has its calls."""
        return _other_skill(self.profile.skill_id) if self.moved else self.profile.skill_id

    def calls(self, after: int, until: int) -> Iterator[Stretch]:
        """Yield the calls of the quarter hours that end in (after, until], the present one included."""
        return self.ledger.between(after, until, (self.step, self.place, self.total))

    def attempts(self, after: int, until: int) -> Attempts:
        """Return the same calls by result."""
        return attempts_between(*self.ledger.outcomes(after, until, (self.step, self.place, self.total)))

    def listed(self, step: int) -> bool:
        """Return whether the vendor lists the campaign: not removed, already there, not in a gap."""
        if self.removed or step < self.profile.appears_at:
            return False
        gap = step // _FLICKER_STEPS % _FLICKER_EVERY == _FLICKER_EVERY - 1
        return not (self.profile.flickers and gap)

    def started(self, step: int) -> bool:
        """Return whether the campaign is switched on, which it also is with a used-up list."""
        if self.switch is not None:
            return self.switch
        return not self.profile.parked and self.hours.at(step).on_shift

    def advance(self, step: int) -> None:
        """Run the campaign to the end of `step`, never back."""
        for now in range(self.step + 1, step + 1):
            if action := self.later.pop(now, ""):
                self.step = now - 1
                self.act(action)
            self._minute(now, self.hours.at(now))
            if now % QUARTER_STEPS == 0:
                self.ledger.keep(now, self.place, self.total)
        self.step = max(self.step, step)

    def act(self, action: str, name: str = "", at: float | None = None) -> None:
        """Apply one of ACTIONS; "rename" needs a name. Raises ValueError.

        at: when, in steps and parts of one; None for the end of the present step.
        """
        was_on = self.started(self.step)
        self._apply(action, name)
        on = self.started(self.step)
        # To let a campaign follow its shift again, somebody may have to switch it too.
        if action in {"start", "stop"} or (action == "auto" and on != was_on):
            self.switches.append((self.step if at is None else at, "start" if on else "stop"))

    def _apply(self, action: str, name: str) -> None:
        match action:
            case "start" | "stop" | "go_off":
                self.switch = action == "start"
            case "auto":
                self.switch = self.trouble = None
                self.moved = False
            case "recycle":
                self.recycle()
            case "load":
                self._load()
            case "move":
                self.moved = True
            case "rename":
                if not name:
                    raise ValueError("rename needs a name")
                self.name = name
            case "remove" | "restore":
                self.removed = action == "remove"
            case _:
                self._suffer(action)

    def _suffer(self, name: str) -> None:
        trouble = TROUBLES.get(name)
        if trouble is None:
            raise ValueError(f"unknown action {name!r}; the actions are {', '.join(ACTIONS)}")
        self.trouble = name
        if (left := self._left(trouble)) is not None:
            bits = mix(self.profile.key, self.place)
            self._dial(max(0, self.profile.records - left - self.position), TYPICAL, bits)

    def recycle(self) -> None:
        """Make the whole list clean again. `dial` stays, so `records = clean + dial` no longer holds."""
        self._next_lap()
        self.recycled += 1
        self.recycled_records += self.profile.records

    def _load(self) -> None:
        """Load a fresh list in the same campaign: every count starts again."""
        self._next_lap()
        self.base, self.recycled, self.recycled_records = replace(self.total), 0, 0

    @property
    def abandons(self) -> bool:
        """Whether more people are abandoned than usual."""
        return self._wrong.abandoned is not None

    @property
    def _wrong(self) -> Trouble:
        return TROUBLES[self.trouble] if self.trouble else FINE

    def _left(self, trouble: Trouble) -> int | None:
        if trouble.minutes_left is not None:
            return int(min(self.profile.pace * trouble.minutes_left, _NEARLY_ALL * self.profile.records))
        return trouble.left

    def code(self, record: int, disposition: str = "") -> None:
        """Set a record's disposition, so that it is not dialled any more. Raises IndexError.

        A second coding replaces the disposition of the first.
        """
        if not 0 <= record < self.profile.records:
            raise IndexError(record)
        self.dispositions[record] = disposition
        if record not in self.coded:
            self.coded[record] = self.place
            self.coded_ahead += record >= self.position

    def laps(self, record: int) -> int:
        """Return how many times a record was dialled since the beginning."""
        last = self.coded.get(record, self.place)
        return max(0, -(-(min(last, self.place) - record) // self.profile.records))

    def figures(self) -> Figures:
        """Return the figures of the present step."""
        cleared = self.trouble == CLEARED
        return Figures(
            profile=self.profile,
            name=self.name,
            skill_id=self.skill_id,
            started=self.started(self.step),
            speed=self._speed(self.step),
            records=0 if cleared else self.profile.records,
            clean=0 if cleared else self.profile.records - self.position - self.coded_ahead,
            tally=Tally() if cleared else self.total.minus(self.base),
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
        self.calls_x_min = self.connected = 0
        trouble = self._wrong
        if step < self.profile.appears_at or not self.started(step) or not trouble.calls:
            return
        if NO_AGENTS in self.conditions:
            return
        if self.position >= self.profile.records - trouble.spared:
            self._dry(step)
            return
        bits = mix(self.profile.key, step)
        brisk = self.profile.pace * moment.pace * self._speed(step) / 100 * trouble.calls
        wanted = int(brisk * (0.75 + 0.5 * unit(bits, 0)) + unit(bits, 1))
        if wanted:
            before = self.total.answer - self.total.abandoned
            self.calls_x_min = self._dial(wanted, moment, bits)
            self.connected = self.total.answer - self.total.abandoned - before
            self.last_dial = step if self.calls_x_min else self.last_dial

    def _dry(self, step: int) -> None:
        if self._wrong.ends_list:
            return
        self.dry_since = step if self.dry_since is None else self.dry_since
        waited = step - self.dry_since
        if self.profile.when_dry == "recycle" and waited >= _RECYCLE_AFTER_STEPS:
            self.recycle()
        elif self.profile.when_dry == "reload" and waited >= _RELOAD_AFTER_STEPS:
            self._load()

    def _next_lap(self) -> None:
        self.trouble = None if self._wrong.ends_list else self.trouble
        # A lap that is cut short leaves places that were never dialled: the report skips them.
        if self.position < self.profile.records:
            self.ledger.keep(self.step, self.place, self.total)
            self.lap += 1
            self.place = self.lap * self.profile.records
            self.ledger.skip(self.place)
        else:
            self.lap += 1
        self.coded_ahead = len(self.coded)
        self.dry_since = None

    def _dial(self, wanted: int, moment: Moment, bits: int) -> int:
        """Return the calls made: up to `wanted` places are passed, and the outcomes shared out."""
        begin = self.position
        end = min(begin + wanted, self.profile.records - self._wrong.spared)
        skipped = skipped_dead = 0
        if self.coded_ahead:
            passed = [record for record in range(begin, end) if record in self.coded]
            skipped = len(passed)
            skipped_dead = sum(is_dead(self.profile, record) for record in passed)
            self.coded_ahead -= skipped
        self.place += end - begin
        dead = _dead_below(self.profile, end) - _dead_below(self.profile, begin) - skipped_dead
        calls = end - begin - skipped
        self.total.dead += dead
        self._share_out(calls - dead, moment, bits)
        return calls

    def _share_out(self, calls: int, moment: Moment, bits: int) -> None:
        trouble = self._wrong
        failing = int(calls * trouble.failed)
        self.total.congestion += failing - failing // 2
        self.total.failed += failing // 2
        calls -= failing
        if not calls:
            return
        more = mix(bits, 1)
        total, preview = self.total, self.profile.kind == "preview"
        left = calls
        answer = min(left, int(calls * moment.answered * trouble.answers + unit(bits, 2)))
        left -= answer
        machine = 0 if preview else min(left, int(calls * trouble.machines + unit(bits, 3)))
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
        # With a preview the agent dials, and is there when somebody answers.
        share = 0 if preview else moment.abandoned if trouble.abandoned is None else trouble.abandoned
        abandoned = min(answer, int(answer * share + unit(mix(bits, 2), 0)) if share else 0)
        total.abandoned += abandoned
        total.hits += min(answer - abandoned, int(answer * _HIT * trouble.hits + unit(more, 3)))

    def _speed(self, step: int) -> int:
        """Return the speed in percent, which somebody changes about every two hours."""
        if self._wrong.speed is not None:
            return self._wrong.speed
        return _SPEEDS[mix(self.profile.key, -2 - step // 120) % len(_SPEEDS)]

    def _shares(self) -> tuple[int, ...]:
        """Return the percentages of the calls that the lines get in this half hour, together 100."""
        count = len(self.profile.lines)
        left, shares = 100, []
        bits = mix(self.profile.key ^ 0x5348, self.step // 30)
        for line in range(count - 1):
            share = 5 * int((0.3 + 0.5 * unit(bits, line)) * left / 5)
            shares.append(share)
            left -= share
        return (*shares, left) if count else ()


def is_dead(profile: Profile, record: int) -> bool:
    """Return whether all telephones of the record only ever give congestion or failed."""
    return record % profile.dead_every == profile.dead_offset


def _dead_below(profile: Profile, record: int) -> int:
    return (record - profile.dead_offset + profile.dead_every - 1) // profile.dead_every


def _other_skill(skill_id: str) -> str:
    number = int(skill_id)
    return str(number - number % 100 + (number % 100 + 1) % SKILLS)
