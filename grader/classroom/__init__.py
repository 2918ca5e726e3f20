"""A class: submissions found, graded in one run, and kept in a gradebook."""
