"""Notebooks: read as submissions, made from exercises, graded from inside, given feedback."""
