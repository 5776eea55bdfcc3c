"""How a scripted model hears and speaks: one protocol a file."""
