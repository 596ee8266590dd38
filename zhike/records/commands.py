"""Commands of this module."""

from zhike.records.importing.command import import_file

__all__ = ["import_file"]
