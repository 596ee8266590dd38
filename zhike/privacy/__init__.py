"""What persons ask about their data: requests, a copy, an erasure that leaves no trace (PIPL)."""
