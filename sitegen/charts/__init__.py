"""Charts: one a file, each a function from numbers to a Plotly figure."""
