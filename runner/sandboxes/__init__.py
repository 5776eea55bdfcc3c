"""What confines a trial: one kind a file, found through entry points."""
