"""One description per record type: list, page, form, filter, import, export, API, search."""
