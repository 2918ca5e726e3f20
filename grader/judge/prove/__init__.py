"""What proves an exercise before a learner sees it: `grade validate`."""
