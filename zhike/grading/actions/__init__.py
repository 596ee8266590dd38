"""Verbs of grading."""
