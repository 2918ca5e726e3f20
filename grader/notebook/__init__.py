"""Grading inside Jupyter: notebooks made from exercises, `%grade`, reports put back into them."""
