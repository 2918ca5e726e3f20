"""The judge: what holds the answers, calls the student's code, and decides."""

import warnings

# torch says so at its first import where NumPy is not installed; nothing here needs it.
warnings.filterwarnings("ignore", message="Failed to initialize NumPy")
