"""The protocols that harnesses speak with a model: one file each."""
