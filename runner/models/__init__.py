"""What answers: one kind of model server a file, found through entry points."""
