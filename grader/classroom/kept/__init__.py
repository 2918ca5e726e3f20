"""The gradebook: every attempt and every grading of it, only ever added to."""
