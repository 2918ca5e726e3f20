"""Capstones: a model that the student's code trains, held against what is possible at all."""
