"""Has submissions graded: tasks go to judges in processes of their own, here or on a cluster."""
