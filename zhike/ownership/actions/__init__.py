"""Verbs of ownership: the only code of this module that writes. Locks are taken customers first, then people."""
