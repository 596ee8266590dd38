"""The page shell, the components, htmx manners, error pages."""
