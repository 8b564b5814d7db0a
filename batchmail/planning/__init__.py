"""All rows checked before the first mail: findings, counts, samples, duration."""

from batchmail.planning.checks import job_findings
from batchmail.planning.feed import Feed, Stamp
from batchmail.planning.keys import Keys
from batchmail.planning.plan import Plan, Sample, Tally
from batchmail.planning.planner import Planner

__all__ = ["Feed", "Keys", "Plan", "Planner", "Sample", "Stamp", "Tally", "job_findings"]
