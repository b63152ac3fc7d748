"""A stand-in for the wolkvox API: living campaigns, documented answers, oddities, and faults on demand.

Used by `wolkvox-exporter demo`, by `wolkvox-exporter simulate` and by the tests. It needs only the standard
library.
"""

from exporter.simulator.faults import Fault
from exporter.simulator.settings import LICENCES, OperationStyle, SimulatedOperation, SimulatorSettings
from exporter.simulator.simulator import Simulator

__all__ = ["LICENCES", "Fault", "OperationStyle", "SimulatedOperation", "Simulator", "SimulatorSettings"]
