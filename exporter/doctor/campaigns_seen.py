"""The campaigns that the answers list, beside what the configuration says of them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from exporter.apis import campaign_settings, campaigns
from exporter.clock import MAX_CLOCK_SKEW_SECONDS
from exporter.config import SECONDS_PER_DAY, Operation
from exporter.doctor.answers import ReadAnswer, some_of
from exporter.doctor.model import Check, Grade
from exporter.schedules import matches_any
from exporter.snapshot import Listing

_MAX_CAMPAIGNS = 5
"""Campaigns that are named in one line."""

_QUARTER_SECONDS = 900.0
_FRESH_SECONDS = 1800.0
"""A campaign that makes calls was used so lately."""
_MAX_ZONE_SECONDS = 27 * 3600.0
"""Zones differ by so much at most (UTC-12 to UTC+14, and an hour for a clock that is not exact)."""


@dataclass(frozen=True, slots=True)
class SeenCampaigns:
    """The names of campaigns by id, and the listings that tell of them, None where there is none."""

    names: Mapping[str, str]
    real_time: Listing | None
    settings: Listing | None

    @classmethod
    def of(cls, answers: Mapping[str, ReadAnswer]) -> "SeenCampaigns":
        """Return the campaigns of answers by API; the names are those of the settings where these tell."""
        listings = {
            api: None if (read := answers.get(api)) is None else read.listing
            for api in (campaigns.NAME, campaign_settings.NAME)
        }
        names: dict[str, str] = {}
        for listing in listings.values():
            for row in listing.rows if listing else ():
                names[row.labels[0] or row.labels[1]] = row.labels[1]
        return cls(names, listings[campaigns.NAME], listings[campaign_settings.NAME])

    @property
    def told(self) -> bool:
        """Whether a list of campaigns is there at all."""
        return self.real_time is not None or self.settings is not None

    def dialled(self) -> tuple[str, ...]:
        """Return the ids of campaigns that have dialled records today."""
        return tuple(dict.fromkeys(campaigns.dialled(self.real_time))) if self.real_time else ()


def filter_checks(operation: Operation, path: str, seen: SeenCampaigns) -> Iterator[Check]:
    """Yield what include, exclude and limit let through, and which of their entries match nothing."""
    chosen = operation.campaigns
    wanted = [one for one in seen.names.items() if chosen.selects(*one)]
    total, kept = len(seen.names), min(len(wanted), chosen.limit)
    if not total:
        return
    text = f"{kept} of {total} campaigns are watched"
    if not wanted:
        yield Check(
            Grade.WRONG,
            "filters",
            f"{text}: include and exclude leave none",
            f"compare {path}.campaigns with the names in wolkvox; a pattern must match the whole name or id",
        )
    elif len(wanted) > chosen.limit:
        yield Check(
            Grade.ODD,
            "filters",
            f"{text}, those with the highest numbers: the limit is {chosen.limit}",
            f"raise {path}.campaigns.limit, or exclude some",
        )
    else:
        yield Check(Grade.GOOD, "filters", text)
    for key, patterns in (("include", chosen.include), ("exclude", chosen.exclude)):
        for index, pattern in enumerate(patterns):
            if not any(matches_any((pattern,), *one) for one in seen.names.items()):
                yield Check(
                    Grade.ODD,
                    "filters",
                    f"{path}.campaigns.{key}[{index}] matches no campaign",
                    "a pattern must match the whole name or the whole id, in the same case",
                )


def schedule_checks(operation: Operation, path: str, seen: SeenCampaigns) -> Iterator[Check]:
    """Yield which campaigns have no schedule or one without hours, and which schedules no campaign."""
    wanted = [one for one in seen.names.items() if operation.campaigns.selects(*one)]
    if not wanted:
        return
    used: set[int] = set()
    without, hourless = [], []
    for campaign_id, name in wanted:
        text = f"{campaign_id} {name}" if campaign_id != name else name
        found = next((i for i, s in enumerate(operation.schedules) if s.matches(campaign_id, name)), None)
        if found is None:
            without.append(text)
            continue
        used.add(found)
        if operation.schedules[found].says_nothing:
            hourless.append(text)
    for index, schedule in enumerate(operation.schedules):
        if index in used:
            continue
        hidden = any(schedule.matches(*one) for one in wanted)
        why = "matches only campaigns that a schedule before it has" if hidden else "matches no campaign"
        advice = (
            "the first schedule that matches counts: put the narrower one first"
            if hidden
            else "a pattern must match the whole name or the whole id, in the same case"
        )
        yield Check(Grade.ODD, "schedules", f"{path}.schedules[{index}] {why}", advice)
    if without:
        yield Check(
            Grade.ODD,
            "schedules",
            f"{len(without)} of {len(wanted)} campaigns have no schedule: {some_of(without, _MAX_CAMPAIGNS)}",
            "nobody is told when they stop: add them, or run `suggest-schedules` after some weeks",
        )
    if hourless:
        yield Check(
            Grade.ODD,
            "schedules",
            f"{len(hourless)} of {len(wanted)} campaigns have a schedule without hours: "
            f"{some_of(hourless, _MAX_CAMPAIGNS)}",
            "nobody is told when they stop, unless most others go on: add `expected`, if that is not meant",
        )
    if not without and not hourless:
        yield Check(Grade.GOOD, "schedules", f"each of {len(wanted)} campaigns has a schedule")


def zone_checks(operation: Operation, path: str, seen: SeenCampaigns) -> Iterator[Check]:
    """Yield whether `last_use` agrees with the operation's zone: campaigns that dial were used just now."""
    used = [at for row in (seen.settings.rows if seen.settings else ()) if (at := _last_use(row.values))]
    if seen.settings is None or not used:
        return
    now = seen.settings.at.wall
    latest = max(used)
    ahead, behind = latest - now, now - latest
    near = 0 < behind < _MAX_ZONE_SECONDS + SECONDS_PER_DAY  # a far one may be none that datetime knows
    if near and datetime.fromtimestamp(latest, operation.timezone).time() == time.min:
        # Written to the day, it may be of any time of that.
        behind -= SECONDS_PER_DAY
    zone = operation.timezone.key
    local = datetime.fromtimestamp(now, operation.timezone).strftime("%H:%M")
    if MAX_CLOCK_SKEW_SECONDS < ahead < _MAX_ZONE_SECONDS:
        yield _other_zone(path, f"the latest last_use is {_hours(ahead)} ahead of the {local} of {zone}")
    elif _calls(seen.real_time) and _FRESH_SECONDS < behind < _MAX_ZONE_SECONDS:
        yield _other_zone(
            path,
            f"campaigns make calls, and the latest last_use is {_hours(behind)} behind the {local} of {zone}",
        )
    elif ahead >= _MAX_ZONE_SECONDS:
        yield Check(
            Grade.ODD,
            "time zone",
            "the latest last_use lies more than a day ahead",
            "compare it with wolkvox Manager, and with this machine's clock",
        )
    elif behind <= _FRESH_SECONDS:
        yield Check(Grade.GOOD, "time zone", f"last_use agrees with {zone}, where it is {local}")


def _other_zone(path: str, text: str) -> Check:
    return Check(
        Grade.WRONG,
        "time zone",
        text,
        f"set {path}.timezone to the zone of the clock in wolkvox Manager: schedules go by it",
    )


def _last_use(values: Sequence[object]) -> float | None:
    value = values[campaign_settings.API.places["last_use"]]
    return value if isinstance(value, float) else None


def _calls(listing: Listing | None) -> bool:
    rows = listing.rows if listing else ()
    found = (campaigns.API.value(row, "calls_x_min") for row in rows)
    return any(isinstance(figure, float) and figure > 0 for figure in found)


def _hours(seconds: float) -> str:
    quarters = round(seconds / _QUARTER_SECONDS)
    hours, rest = divmod(quarters * 15, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
