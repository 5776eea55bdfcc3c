"""What is done with packs of tasks before a run: begin, bring in, lint, check."""
