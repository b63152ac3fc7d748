"""What one row of a command's output is made of."""

from collections.abc import Mapping

Cell = str | int | None
"""One value; None is "not known"."""

Cells = Mapping[str, Cell]
"""A row: column -> value."""
