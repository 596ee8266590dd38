"""The clauses that grading executes; each kind makes itself known."""

from zhike.grading.clauses import cheverton, clusters, composite, rfm, rubric, shares, trade, treatment

__all__ = ["cheverton", "clusters", "composite", "rfm", "rubric", "shares", "trade", "treatment"]
