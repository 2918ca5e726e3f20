"""What the attempts of a class come to: grades, tables and pages."""
