"""The rules of ownership (domain topic 3): pure, no database, no clock of their own."""
