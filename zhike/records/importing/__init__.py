"""Import of files: read anything, guess the columns, check every cell, write in chunks, undo.

`readers` and `values` know no database: bytes in, rows and Python values out. The rest of the chapter
(batches, pipeline, pages, command) stands on them.
"""
