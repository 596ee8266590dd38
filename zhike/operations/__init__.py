"""Running the product: the `zhike` command, supervisor, health, benchmarks."""
