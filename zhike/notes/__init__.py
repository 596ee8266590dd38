"""Comments and files on any record."""
