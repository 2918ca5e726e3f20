"""What operating systems offer to the engine, a file for each."""
