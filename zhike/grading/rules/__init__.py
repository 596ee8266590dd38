"""The rules of grading: pure functions."""
