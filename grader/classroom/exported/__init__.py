"""Marks and feedback in the forms that the systems of schools take back."""
