"""The vendor's endpoints that are polled: the values of the label `endpoint`."""

from enum import StrEnum


class Endpoint(StrEnum):
    """One polled endpoint, most important first: the last of them is the first to be given up."""

    REAL_TIME = "real_time"
    INFORMATION = "information"
    TOKEN_INFO = "token_info"  # noqa: S105 - the name of an endpoint
    MACHINE_CODES = "machine_codes"

    @property
    def priority(self) -> int:
        """Rank among the endpoints, 0 for the one that is polled first and given up last."""
        return _RANK[self]

    @property
    def api(self) -> str:
        """The vendor's name of it, as its documentation pages write it."""
        return _API[self]


_RANK = {endpoint: rank for rank, endpoint in enumerate(Endpoint)}
_API = {
    Endpoint.REAL_TIME: "real_time.php?api=campaigns",
    Endpoint.INFORMATION: "information.php?api=campaigns",
    Endpoint.TOKEN_INFO: "information.php?api=token_info",
    Endpoint.MACHINE_CODES: "reports_manager.php?api=campaign_8",
}
