"""The generic pages that every described record type has."""
