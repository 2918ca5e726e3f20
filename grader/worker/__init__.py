"""The worker: the process that the student's code runs in, and its walls."""
