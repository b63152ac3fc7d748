"""Whether a campaign exists, by what the exporter has stored: never said where it is not certain."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from exporter.commands.support.command_context import CommandContext
from exporter.commands.support.empty_answer import campaign_exists, named
from exporter.config import CampaignFilter, Config
from exporter.operators.command_client import CommandClient
from exporter.wolkvox import Cause, RequestFailed
from polling.floor import Floor
from support.fakes import campaign_settings_row, campaigns_row, make_operation

LISTS = ("campaigns", "campaign_settings")


def context_of(floor: Floor) -> CommandContext:
    no_calls = cast("CommandClient", None)
    config = Config((floor.operation,))
    return CommandContext(config, floor.operation, no_calls, Path("unused"), floor.clock, floor.store)


def polled(floor: Floor) -> Floor:
    for api in floor.operation.enabled():
        floor.poll(api)
    return floor


def filtered(include: str = ".*", exclude: str = "", limit: int = 2000) -> Floor:
    exclusions = (re.compile(exclude),) if exclude else ()
    return Floor(make_operation(campaigns=CampaignFilter((re.compile(include),), exclusions, limit)))


def test_a_campaign_of_either_list_exists() -> None:
    floor = Floor()
    floor.vendor.answers["campaigns"] = [campaigns_row("1111 - A")]
    floor.vendor.answers["campaign_settings"] = [campaign_settings_row(campaign_id="2222")]
    context = context_of(polled(floor))
    assert [campaign_exists(context, one) for one in ("1111", "2222", "3333")] == [True, True, False]
    floor.clock.advance(30 * 86400.0)
    assert [campaign_exists(context, one) for one in ("1111", "2222", "3333")] == [True, True, None]


def without_settings(floor: Floor) -> None:
    floor.vendor.answers["campaign_settings"] = RequestFailed(Cause.TIMEOUT, "no complete answer")


def without_rows(floor: Floor) -> None:
    floor.vendor.answers["campaigns"] = []


def without_an_id(floor: Floor) -> None:
    floor.vendor.answers["campaigns"] = [campaigns_row(), campaigns_row("VENTAS")]


@pytest.mark.parametrize("spoil", [without_settings, without_rows, without_an_id])
def test_a_list_that_is_not_whole_leaves_it_unknown(spoil: Callable[[Floor], None]) -> None:
    floor = Floor()
    spoil(floor)
    assert campaign_exists(context_of(polled(floor)), "99999") is None


def test_before_the_first_poll_nothing_is_known() -> None:
    assert campaign_exists(context_of(Floor()), "4875") is None


@pytest.mark.parametrize(
    ("floor", "exists"),
    [
        (filtered(), False),
        (filtered(include="[0-9]+"), False),
        (filtered(include="VENTAS.*"), None),  # it may exist under a name that nobody asked for
        (filtered(exclude="PRUEBA.*"), None),
        (filtered(limit=1), None),
    ],
)
def test_what_the_configuration_leaves_out_is_not_known(floor: Floor, exists: bool | None) -> None:
    context = context_of(polled(floor))
    assert campaign_exists(context, "99999") is exists
    assert campaign_exists(context, "4875") is True


def test_a_list_that_is_not_polled_is_not_waited_for() -> None:
    usual = make_operation()
    off = replace(usual.apis["campaign_settings"], enabled=False)
    context = context_of(polled(Floor(make_operation(apis={"campaign_settings": off}))))
    assert campaign_exists(context, "99999") is False
    both = {name: replace(usual.apis[name], enabled=False) for name in LISTS}
    assert campaign_exists(context_of(polled(Floor(make_operation(apis=both)))), "99999") is None


def test_campaigns_are_named_for_people() -> None:
    assert [named(ids) for ids in (["1"], ["1", "2"], ["all"])] == [
        "campaign 1",
        "campaigns 1, 2",
        "all campaigns",
    ]
