"""The business rules of leads and opportunities: pure functions, no database, no clock of their own."""
