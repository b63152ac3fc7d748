"""What is made of the code and committed: `make generate` writes it, a test fails where it is behind."""
