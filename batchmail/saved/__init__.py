"""Saved plans: what somebody has seen, kept as digests, so that nothing else is sent."""

from batchmail.saved.comparison import Comparison, RowChange
from batchmail.saved.draft import PlanDraft
from batchmail.saved.errors import PlanUnusable
from batchmail.saved.plan import KeptFile, Origin, Role, SavedPlan, is_saved_plan

__all__ = [
    "Comparison",
    "KeptFile",
    "Origin",
    "PlanDraft",
    "PlanUnusable",
    "Role",
    "RowChange",
    "SavedPlan",
    "is_saved_plan",
]
