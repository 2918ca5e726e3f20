"""What is given to a class: a release without any answer."""
