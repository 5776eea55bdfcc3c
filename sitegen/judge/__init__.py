"""Claims against the numbers: what judges each kind of them."""
