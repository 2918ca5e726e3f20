"""A class: what it handed in is graded in one run, kept, and shown; and what it is given."""
