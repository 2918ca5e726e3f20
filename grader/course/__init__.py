"""What a course is: its exercises, its stubs and its texts, as files say them."""
