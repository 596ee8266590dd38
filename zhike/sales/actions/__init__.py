"""The verbs of leads, opportunities and pipelines: the only code that writes."""
