"""Agent programs: one a file, found through entry points."""
