"""Comments and files as panels of any record page."""
