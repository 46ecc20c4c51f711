"""The chain: parameters and profiles, one notebook through papermill, what may be skipped.

For those who add a parameter. `python -m helpers.pipeline --help` is its command line.
May import every room before it.
"""
