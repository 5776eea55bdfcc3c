"""Results of other runners: one format a file, each a plugin."""
