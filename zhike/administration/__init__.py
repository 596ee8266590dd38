"""Pages and verbs of the administrator: organisation, people, roles, fields, security."""
