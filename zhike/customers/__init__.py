"""Customers: enterprises, persons, contacts, relations, consent."""
