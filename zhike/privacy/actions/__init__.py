"""Verbs of requests about personal data."""
