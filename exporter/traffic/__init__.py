"""Who may call the vendor, and when: one call at a time per token, within the day's budget."""

from exporter.traffic.budget import Terms, has_room, permits
from exporter.traffic.gate import Gate, Pass

__all__ = ["Gate", "Pass", "Terms", "has_room", "permits"]
