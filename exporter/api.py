"""The vendor's APIs that are polled: the values of the label `api`."""

from enum import StrEnum


class Api(StrEnum):
    """One polled API, most important first: the last of them is the first to be given up."""

    CAMPAIGNS = "campaigns"
    CAMPAIGN_SETTINGS = "campaign_settings"
    TOKEN_INFO = "token_info"  # noqa: S105 - the name of an API
    MACHINE_CODES = "machine_codes"

    @property
    def priority(self) -> int:
        """Rank among the APIs, 0 for the one that is polled first and given up last."""
        return _RANK[self]


_RANK = {api: rank for rank, api in enumerate(Api)}
