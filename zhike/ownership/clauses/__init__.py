"""The policy clauses that ownership executes. Imported once, so that they make themselves known."""

from zhike.grading.history import levels_at
from zhike.ownership.clauses import kinds as kinds
from zhike.ownership.ports import register_grades

# Protection and reclaim depend on the grade a customer had.
register_grades(levels_at)
