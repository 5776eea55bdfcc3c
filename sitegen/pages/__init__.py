"""Pages: one page type a file."""
