"""Verbs on customers: the only code of this module that writes."""
