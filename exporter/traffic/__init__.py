"""Who may call the vendor, and when: one call at a time per token, within the day's budget."""

from exporter.traffic.budget import QuotaPolicy
from exporter.traffic.gate import Gate, Permit

__all__ = ["Gate", "Permit", "QuotaPolicy"]
