"""What was handed in: read within limits as one Python text, and what that text alone says."""
