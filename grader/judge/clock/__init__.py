"""How long an answer takes, by the judge's own clock."""
