"""Pure rules: numbering, dates, differences."""
