"""Leads, opportunities and their pipelines."""
