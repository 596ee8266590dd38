"""The REST interface of every described record type."""
