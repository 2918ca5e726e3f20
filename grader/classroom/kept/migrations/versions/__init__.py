"""A module for each format that a gradebook has had; what is here is never changed."""
