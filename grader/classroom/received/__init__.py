"""What a class handed in: files and archives, and whose each is."""
