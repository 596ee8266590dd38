"""Commands of this module."""

from zhike.records.export_command import export_file
from zhike.records.importing.command import import_file

__all__ = ["export_file", "import_file"]
