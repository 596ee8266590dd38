"""Contact records and tasks."""
