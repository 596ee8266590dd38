"""A believable Chinese group to try the product with."""
