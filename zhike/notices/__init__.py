"""Telling people: notices inside the product."""
