"""The APIs of wolkvox that are polled, one module each: adding one is adding it to the table here."""

from collections.abc import Mapping

from exporter.apis import (
    agents,
    audit_log,
    campaign_results,
    campaign_settings,
    campaigns,
    machine_codes,
    services,
    skills,
    token_info,
)
from exporter.apis.model import Api, PollContext, RowReader, Unreadable
from exporter.apis.vocabulary import api_words
from exporter.families import Column, Family, Scope

APIS: tuple[Api, ...] = (
    campaigns.API,
    campaign_settings.API,
    token_info.API,
    services.API,
    skills.API,
    agents.API,
    campaign_results.API,
    machine_codes.API,
    audit_log.API,
)
"""Every API, the most important first: the last of them is the first to be given up."""

BY_NAME: Mapping[str, Api] = {api.name: api for api in APIS}
"""Every API by its name, which is the value of the label `api`."""

RANK: Mapping[str, int] = {api.name: 0 if api.vital else place for place, api in enumerate(APIS)}
"""How important each API is, 0 the most: the others wait for it, and its calls are set aside."""

PLACE: Mapping[Column, int] = {one: place for api in APIS for place, one in enumerate(api.columns)}
"""The place of each column's value in the rows of its API."""

CAMPAIGN_FAMILIES: tuple[Family, ...] = tuple(
    family for api in APIS for family in api.families if family.scope is Scope.CAMPAIGN
)
"""Every family that an API tells of campaigns."""

API_WORDS: frozenset[str] = api_words(APIS)
"""The words of the API itself, without case and accents."""

__all__ = [
    "APIS",
    "API_WORDS",
    "BY_NAME",
    "CAMPAIGN_FAMILIES",
    "PLACE",
    "RANK",
    "Api",
    "PollContext",
    "RowReader",
    "Unreadable",
]
