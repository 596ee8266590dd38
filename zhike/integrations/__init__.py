"""API tokens and other programs."""
