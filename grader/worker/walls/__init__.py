"""The walls of the sandbox, a file for each layer or for those that belong together."""
