"""What people are told of a run: its events, its progress, one of its trials."""
