"""The policy clauses that ownership executes. Imported once, so that they make themselves known."""

from zhike.ownership.clauses import kinds as kinds
