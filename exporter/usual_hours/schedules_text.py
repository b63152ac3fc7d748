"""Usual hours as the entry `schedules` of an operation: YAML for a person to read, to judge and to paste."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from exporter.schedules import DAYS
from exporter.usual_hours.calendar_days import LeftOut
from exporter.usual_hours.groups import CampaignGroup, Extent, UsualHours
from exporter.usual_hours.slot_sets import DAY_SLOTS, SLOT_MINUTES, WEEK_SLOTS, runs

_INDENT = "    "
"""That of the keys of an operation in config.yaml."""
_MAX_PAST_MIDNIGHT_SLOTS = DAY_SLOTS // 2
_MAX_SHOWN_CHARACTERS = 80
_MAX_SHOWN_CAMPAIGNS = 20
_OFTEN_RATIO, _SELDOM_RATIO = 0.5, 0.1
_SPECIAL = re.compile(r"[.^$*+?{}\[\]\\|()]")
"""What means something in a regular expression; `re.escape` would also spoil blanks and hyphens."""
_DAY_MINUTES = 24 * 60
_LAST_LATIN_CODE = 0xFF


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the schedules of an operation.

    `country` is the code of the public holidays where its zone is, or "".
    """

    operation: str
    zone: str
    first: date
    last: date
    country: str = ""
    has_schedules: bool = False


def schedules_text(heading: Heading, hours: UsualHours) -> str:
    """Return the YAML of an operation: `schedules` with evidence as comments, or only comments."""
    lines = [*_head(heading, hours)]
    if hours.groups:
        lines.append(f"{_INDENT}schedules:")
        for group in hours.groups:
            lines += _entry(heading, group, hours)
    lines += _undecided(hours)
    return "".join(f"{line}\n" for line in lines)


def _head(heading: Heading, hours: UsualHours) -> Iterator[str]:
    yield f"# operation {_shown(heading.operation)}, by its own clock ({heading.zone})"
    span = f"{heading.first} to {heading.last}"
    yield f"# {_counted(len(hours.counted), 'day')} of {span} count, {len(hours.left_out)} left out"
    seen = min([*hours.counted, *(one.date for one in hours.left_out)], default=heading.first)
    if seen > heading.first:
        yield f"#   the history begins on {seen}"
    for reason, dates in _by_reason(hours.left_out):
        yield f"#   left out: {', '.join(dates)}: {reason}"
    if hours.groups:
        yield "# paste this under the operation in config.yaml, then run check-config; see docs/schedules.md"
        yield "# `permitted` is a matter of law, not of habit: see the presets in docs/laws.md"
        if heading.has_schedules:
            yield "# the operation has `schedules`: add the entries to them; the first that matches counts"
    else:
        yield "# nothing can be suggested"


def _entry(heading: Heading, group: CampaignGroup, hours: UsualHours) -> Iterator[str]:
    count = _counted(len(group.names), "campaign")
    started = f", {group.when_started} of them by when they are started" if group.when_started else ""
    yield f"{_INDENT}  # {count}{started}"
    for line in _evidence(group):
        yield f"{_INDENT}  #   {line}"
    if hours.left_out:
        yield f"{_INDENT}  #   {_counted(len(hours.left_out), 'day')} left out: see above"
    for line in picture(group):
        yield f"{_INDENT}  # {line}"
    yield f"{_INDENT}  - campaigns:"
    for text in group.patterns:
        yield f"{_INDENT}      - {_scalar(exact_pattern(text))}"
    yield f"{_INDENT}    expected:"
    for window in windows_of(group.week):
        yield f'{_INDENT}      - "{window}"'
    if heading.country and hours.rests_on_holidays:
        yield f'{_INDENT}    holidays: "{heading.country}" # the floor rested on those of these days'
    elif heading.country:
        yield f'{_INDENT}    # holidays: "{heading.country}" # if the floor rests on public holidays'


def _evidence(group: CampaignGroup) -> Iterator[str]:
    """Yield for weekdays with the same hours on how many days they were seen, and from when to when."""
    together: dict[int, list[int]] = defaultdict(list)
    for weekday in range(7):
        open_slots = (group.week >> (weekday * DAY_SLOTS)) & ((1 << DAY_SLOTS) - 1)
        together[open_slots].append(weekday)
    for open_slots, weekdays in together.items():
        extents = [group.extents[day] for day in weekdays if day in group.extents]
        counted = sum(group.counted.get(day, 0) for day in weekdays)
        days = days_text(weekdays)
        if open_slots and extents:
            yield f"{days}: {_counted(counted, 'day')}; {_extent_text(extents)}"
        for day in weekdays if not open_slots else ():
            seen = group.counted.get(day, 0)
            if seen < 2:  # noqa: PLR2004 - two days of a weekday are needed
                yield f"{DAYS[day]}: {_counted(seen, 'day')} that count{'s' * (seen == 1)}: too few to say"
            elif day in group.extents:
                worked = group.extents[day]
                share = (
                    f"{worked.days} of {seen * len(group.names)} campaign days"
                    if len(group.names) > 1
                    else ""
                )
                yield f"{DAYS[day]}: calls on {share or f'{worked.days} of {seen} days'}: not usual"


def _extent_text(extents: Sequence[Extent]) -> str:
    begins = min(one.begins[0] for one in extents), max(one.begins[1] for one in extents)
    ends = min(one.ends[0] for one in extents), max(one.ends[1] for one in extents)
    return (
        f"first calls {_clock(begins[0])} to {_clock(begins[1])}, last {_clock(ends[0])} to {_clock(ends[1])}"
    )


def _clock(minutes: int) -> str:
    day, minute = divmod(minutes, _DAY_MINUTES)
    if day == 1 and minute == 0:
        return "24:00"
    return f"{minute // 60:02}:{minute % 60:02}" + (" of the next day" if day else "")


def picture(group: CampaignGroup) -> Iterator[str]:
    """Yield a picture of the week, a character for each half hour: # usual, - at times, . not."""
    yield "     " + "".join(f"{hour:02}    " for hour in range(0, 24, 3)) + "# usual  - at times  . not"
    for day, shares in zip(DAYS, group.shares, strict=True):
        marks = ("#" if one > _OFTEN_RATIO else "-" if one >= _SELDOM_RATIO else "." for one in shares)
        yield f"{day}  {''.join(marks)}"


def _undecided(hours: UsualHours) -> Iterator[str]:
    reasons: dict[str, list[str]] = defaultdict(list)
    for one in hours.undecided:
        reasons[one.reason].append(_shown(one.campaign))
    if reasons:
        yield "# could not decide:"
    for reason, campaigns in sorted(reasons.items()):
        for campaign in campaigns[:_MAX_SHOWN_CAMPAIGNS]:
            yield f"#   {campaign}: {reason}"
        if len(campaigns) > _MAX_SHOWN_CAMPAIGNS:
            yield f"#   and {len(campaigns) - _MAX_SHOWN_CAMPAIGNS} more: {reason}"


def windows_of(week: int) -> list[str]:
    """Return the slots of a week as windows of the configuration, days with the same one together.

    A run that passes midnight is one window, which belongs to its first day, unless it is longer than a
    window past midnight may be.
    """
    found = runs(week)
    if len(found) > 1 and found[0][0] == 0 and found[-1][1] == WEEK_SLOTS:
        # From Sunday into Monday.
        found = [*found[1:-1], (found[-1][0], WEEK_SLOTS + found[0][1])]
    days: dict[tuple[int, int], list[int]] = defaultdict(list)
    for first, end in found:
        for begin, stop in _parts(first, end):
            day, start = divmod(begin, DAY_SLOTS)
            days[start, stop - begin].append(day % 7)
    ordered = sorted(days.items(), key=lambda item: (min(item[1]), item[0]))
    return [f"{days_text(sorted(on))} {_span(start, start + length)}" for (start, length), on in ordered]


def _parts(first: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a run whole, or divided at midnights."""
    midnight = (first // DAY_SLOTS + 1) * DAY_SLOTS
    if end <= midnight or (end - first <= _MAX_PAST_MIDNIGHT_SLOTS and end < midnight + DAY_SLOTS):
        yield first, end
        return
    yield first, midnight
    yield from _parts(midnight, end)


def _span(start: int, end: int) -> str:
    if end == DAY_SLOTS:
        return f"{_clock(start * SLOT_MINUTES)}-24:00"
    return f"{_clock(start * SLOT_MINUTES)}-{_clock(end % DAY_SLOTS * SLOT_MINUTES)}"


def days_text(weekdays: Sequence[int]) -> str:
    """Return weekdays, in order, as a window of the configuration names them: `Mon-Fri`, `Mon,Wed`."""
    parts: list[list[int]] = []
    for day in weekdays:
        if parts and parts[-1][-1] == day - 1:
            parts[-1].append(day)
        else:
            parts.append([day])
    return ",".join(
        f"{DAYS[part[0]]}-{DAYS[part[-1]]}" if len(part) > 2 else ",".join(DAYS[day] for day in part)  # noqa: PLR2004
        for part in parts
    )


def exact_pattern(text: str) -> str:
    """Return a regular expression that matches a text and nothing else."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def _scalar(text: str) -> str:
    """Return a text as YAML writes it in quotes (YAML 1.2, sections 7.3.1 and 7.3.2)."""
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return (
        f"\\x{code:02x}"
        if code <= _LAST_LATIN_CODE
        else f"\\u{code:04x}"
        if code < 2**16
        else f"\\U{code:08x}"
    )


def _by_reason(left_out: Iterable[LeftOut]) -> Iterator[tuple[str, list[str]]]:
    """Yield the reasons, each with its days, of which those that follow each other stand together."""
    reasons: dict[str, list[list[date]]] = defaultdict(list)
    for one in left_out:
        spans = reasons[one.reason]
        if spans and spans[-1][-1] == one.date - timedelta(days=1):
            spans[-1].append(one.date)
        else:
            spans.append([one.date])
    for reason, spans in reasons.items():
        yield reason, [str(span[0]) if len(span) == 1 else f"{span[0]} to {span[-1]}" for span in spans]


def _shown(text: str) -> str:
    """Return a text for a comment: one line, without what commands a terminal, and not too long."""
    shown = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return shown if len(shown) <= _MAX_SHOWN_CHARACTERS else f"{shown[:_MAX_SHOWN_CHARACTERS]}..."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
