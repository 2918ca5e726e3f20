"""Which submissions are alike, and where."""
