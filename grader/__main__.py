"""`python -m grader` is `grade`."""

from grader.cli import main

if __name__ == "__main__":  # a process that was spawned to help imports this file too
    main()
