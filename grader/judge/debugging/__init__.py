"""The call that failed, as a script that runs without the judge: what `grade debug` writes."""
