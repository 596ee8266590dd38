"""Pages of customers and contacts that a description cannot say."""
