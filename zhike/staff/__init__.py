"""Who works here: the organisation as a tree, users, roles, sign-in."""
