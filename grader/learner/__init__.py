"""What a learner is asked, has written, and has done so far."""
