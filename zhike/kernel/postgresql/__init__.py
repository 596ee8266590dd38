"""The database engine: Django's for PostgreSQL, without what would cost every page (see `base`)."""
