"""A stand-in for the wolkvox API: living campaigns, documented shapes and oddities, and faults on demand.

Used by `wolkvox-exporter demo`, by `wolkvox-exporter simulate` and by the tests. It needs only the standard
library, and loads nothing until one of its names is asked for.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exporter.simulator.faults import KINDS as KINDS
    from exporter.simulator.faults import Fault as Fault
    from exporter.simulator.requestlog import RequestRecord as RequestRecord
    from exporter.simulator.settings import LICENCES as LICENCES
    from exporter.simulator.settings import OperationStyle as OperationStyle
    from exporter.simulator.settings import SimulatedOperation as SimulatedOperation
    from exporter.simulator.settings import SimulatorSettings as SimulatorSettings
    from exporter.simulator.simulator import Simulator as Simulator

_HOMES = {
    "Fault": "faults",
    "KINDS": "faults",
    "LICENCES": "settings",
    "OperationStyle": "settings",
    "RequestRecord": "requestlog",
    "SimulatedOperation": "settings",
    "Simulator": "simulator",
    "SimulatorSettings": "settings",
}


def __getattr__(name: str) -> object:
    """Load the module of a public name at its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415  only a caller of the simulator pays for it

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
