"""The judge: what holds the answers, calls the student's code, and decides."""
