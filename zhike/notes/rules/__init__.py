"""Rules of notes."""
