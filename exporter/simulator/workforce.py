"""The people of an operation: agents who come, go to lunch and go home, and supervisors.

All of them are invented. When an agent comes and goes is a hash of the agent and the day, and what the agent
does at a minute follows from what the campaigns do then: nothing is kept, and looking rarely changes nothing.
"""

from typing import Literal, NamedTuple

from exporter.simulator.actions import NO_AGENTS
from exporter.simulator.chance import key, mix, unit
from exporter.simulator.hours import Moment, shift_of
from exporter.simulator.profiles import SKILLS, skill_ids

_MOST_AGENTS = 24
_GIVEN = ("Ágata", "Íñigo", "Núria", "Óscar", "Zoé", "Ñuflo", "Úrsula", "Begoña")
_FAMILY = ("Ficticia-Pérez", "de Mentira", "Inventado Muñoz", "Simulado", "D'Ejemplo")
_SUPERVISORS = ("Iván Ficticio Jefe", "Ángela Inventada (supervisión)")

_LUNCHES = tuple(hour * 60 + minute for hour, minute in ((11, 40), (12, 0), (12, 20), (12, 40)))
_LUNCH_MINUTES = 45
_BREAKS = ((9 * 60 + 30, 90), (15 * 60, 90))
"""When breaks begin at the earliest, and by how many minutes later at most."""
_BREAK_MINUTES = 10
_NO_PAUSE_MINUTES = 60
"""How long before the end of the shift nobody leaves any more: so there is no lunch on a Saturday."""
_EARLY_MINUTES = 10
_LATE_MINUTES = 6
_STAY_MINUTES = 8
_ONE_LATE_OF = 5
_ONE_ABSENT_OF = 16
_NIGHT_CREW = 2
"""Agents of a skill who are there outside of the shift if somebody starts a campaign then."""
_LAST_EVENING = -6 * 60
"""When those left who have not come yet today."""

_TALK_MINUTES = 0.45
_ACW_MINUTES = 0.2

Status = Literal["Ready", "Talk", "ACW", "Auxiliary", "Logout"]


class Agent(NamedTuple):
    """One agent; key: what the agent's chance is made of."""

    number: int
    agent_id: str
    name: str
    skill_id: str
    key: int

    @property
    def rank(self) -> int:
        """The agent's place in the skill."""
        return self.number // SKILLS

    def day(self, day: int) -> "Workday | None":
        """Return when the agent works on a day, None if not at all; day: the ordinal of the date."""
        shift, bits = shift_of(day), mix(self.key, day)
        # The first two of a skill are never ill, so that there is somebody.
        if shift is None or (self.rank >= _NIGHT_CREW and bits >> 32 & 0xFFFF < 0x10000 // _ONE_ABSENT_OF):
            return None
        opens, closes = shift
        late = self.number % _ONE_LATE_OF == _ONE_LATE_OF - 1
        early = 1 + int(_EARLY_MINUTES * unit(bits, 0))
        begins = [
            _LUNCHES[self.rank % len(_LUNCHES)],
            *(first + int(span * unit(bits, 3)) for first, span in _BREAKS),
        ]
        lengths = (_LUNCH_MINUTES, _BREAK_MINUTES, _BREAK_MINUTES)
        pauses = tuple((begin, begin + length) for begin, length in zip(begins, lengths, strict=True))
        return Workday(
            login=opens + int(_LATE_MINUTES * unit(bits, 0)) if late else opens - early,
            logout=closes + int(_STAY_MINUTES * unit(bits, 1)),
            pauses=tuple(pause for pause in pauses if pause[1] <= closes - _NO_PAUSE_MINUTES),
        )


class Workday(NamedTuple):
    """The day of an agent, in minutes of the day. pauses: (begin, end) of each."""

    login: int
    logout: int
    pauses: tuple[tuple[int, int], ...]


class AgentNow(NamedTuple):
    """An agent at one minute. Times are in seconds, those of the day since the login."""

    agent: Agent
    status: Status
    in_status: int
    outbound: int
    internal: int
    ready: int
    auxiliary: int
    worked: int


class SkillLoad(NamedTuple):
    """What the campaigns give a skill.

    dials: whether one of them is on. crowded: no agent is left for those who answer. connected: people whom
    an agent got in the last minute; connected_today: and today.
    """

    dials: bool
    crowded: bool
    connected: int
    connected_today: int


class Workforce:
    """The agents and supervisors of one operation; there are no more agents than licences."""

    def __init__(self, seed: int, operation: int, licences: int) -> None:
        self.skills = skill_ids(operation)
        self.agents = tuple(
            Agent(
                number,
                f"8800{operation:02d}{number:04d}",
                f"{_GIVEN[number % len(_GIVEN)]} {_FAMILY[number % len(_FAMILY)]}",
                self.skills[number % SKILLS],
                key(seed, operation, "agent", number),
            )
            for number in range(min(licences, _MOST_AGENTS))
        )
        self.supervisors = _SUPERVISORS

    def at(
        self, step: int, moment: Moment, loads: dict[str, SkillLoad], conditions: dict[str, int]
    ) -> list[AgentNow]:
        """Return all agents at a step. loads: of each skill. conditions: of the operation."""
        gone = conditions.get(NO_AGENTS)
        found: list[AgentNow] = []
        for skill_id, load in loads.items():
            agents = [agent for agent in self.agents if agent.skill_id == skill_id]
            found += _SkillShift(agents, step, moment, load, gone).agents_now()
        return sorted(found, key=lambda one: one.agent.number)


class _SkillShift:
    """The agents of a skill at one step. gone: the step at which all of them left for auxiliary."""

    def __init__(
        self, agents: list[Agent], step: int, moment: Moment, load: SkillLoad, gone: int | None
    ) -> None:
        self._agents = agents
        self._step = step
        self._minute = moment.minute
        self._overtime = load.dials and not moment.on_shift
        self._load = load
        self._gone = gone
        self._days = {agent: agent.day(moment.day) for agent in agents}

    def agents_now(self) -> list[AgentNow]:
        """Return what each agent does."""
        states = {agent: state for agent in self._agents if (state := self._away(agent))}
        free = [agent for agent in self._agents if agent not in states]
        free.sort(key=lambda agent: mix(agent.key, self._step))
        bits = mix(free[0].key, -self._step) if free else 0
        talk = int(self._load.connected * _TALK_MINUTES + unit(bits, 0))
        talk = len(free) if self._load.crowded else min(len(free), talk)
        # One is always free or talks, or nobody could be there for the next call.
        acw = max(0, min(len(free) - talk - 1, int(self._load.connected * _ACW_MINUTES + unit(bits, 1))))
        for place, agent in enumerate(free):
            states[agent] = ("Talk" if place < talk else "ACW" if place < talk + acw else "Ready"), 0
        came = [agent for agent in self._agents if agent in free or self._worked(agent)]
        outbound = dict(zip(came, _shared_out(self._load.connected_today, len(came)), strict=True))
        return [self._now(agent, *states[agent], outbound.get(agent, 0)) for agent in self._agents]

    def _away(self, agent: Agent) -> tuple[Status, int] | None:
        """Return why an agent takes no calls and for how many minutes already, None for one who does."""
        day, minute = self._days[agent], self._minute
        works = day is not None and day.login <= minute < day.logout
        if not works and not (self._overtime and agent.rank < _NIGHT_CREW):
            left = day.logout if day and day.logout <= minute else _LAST_EVENING
            return "Logout", minute - left
        if self._gone is not None:
            return "Auxiliary", self._step - self._gone
        pauses = day.pauses if day else ()
        begun = next((begin for begin, end in pauses if begin <= minute < end), None)
        return None if begun is None else ("Auxiliary", minute - begun)

    def _worked(self, agent: Agent) -> int:
        """Return the minutes since the agent's login, up to the logout."""
        day = self._days[agent]
        return max(0, min(self._minute, day.logout) - day.login) if day else 0

    def _now(self, agent: Agent, status: Status, minutes: int, outbound: int) -> AgentNow:
        day, worked = self._days[agent], self._worked(agent)
        pauses = day.pauses if day else ()
        paused = sum(max(0, min(self._minute, end) - begin) for begin, end in pauses)
        return AgentNow(
            agent=agent,
            status=status,
            in_status=60 * minutes + int(60 * unit(mix(agent.key, self._step), 2)),
            outbound=outbound,
            internal=(agent.key >> 8) % 3 if worked else 0,
            ready=int(60 * (worked - paused) * (0.15 + 0.25 * unit(agent.key, 1))),
            auxiliary=60 * paused,
            worked=60 * worked,
        )


def _shared_out(calls: int, among: int) -> list[int]:
    return [calls // among + (place < calls % among) for place in range(among)] if among else []
