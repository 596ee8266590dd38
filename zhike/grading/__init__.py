"""What customers bought, paid and owe; the schemes they are graded by, and how the grades come about."""
