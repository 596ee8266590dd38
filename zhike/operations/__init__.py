"""Running the product: the embedded database, the supervisor, the `zhike` command, health, backup."""
