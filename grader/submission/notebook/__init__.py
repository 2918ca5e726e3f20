"""The code cells of a notebook, put together to one Python text."""
