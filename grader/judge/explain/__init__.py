"""What is wrong with an answer: its name, and the smallest input that shows it."""
