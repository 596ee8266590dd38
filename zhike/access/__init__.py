"""Who may see and do what: grants, record scopes, field rights."""
