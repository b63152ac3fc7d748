"""All metric families in the order in which they are published and documented."""

from exporter.apis import CAMPAIGN_FAMILIES
from exporter.families import Family
from exporter.metrics import judgement_families
from exporter.metrics.polls import POLL_FAMILIES
from exporter.metrics.process import PROCESS_FAMILIES
from exporter.metrics.quota import QUOTA_FAMILIES
from exporter.metrics.row_lines import ROW_FAMILIES

OPERATION_FAMILIES: tuple[Family, ...] = (
    *CAMPAIGN_FAMILIES,
    *judgement_families.FAMILIES,
    *ROW_FAMILIES,
    *(family for family, _ in POLL_FAMILIES),
    *(family for family, _ in QUOTA_FAMILIES),
)
"""The families whose samples are about one operation each."""

FAMILIES: tuple[Family, ...] = (*OPERATION_FAMILIES, *PROCESS_FAMILIES)
"""Every family of this exporter; `process_*` and `python_*` of prometheus-client come on top."""
