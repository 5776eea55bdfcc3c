"""What executes a plan: one way a file, found through entry points."""
