"""The logic behind the notebooks, in nine rooms; README.md beside this file is their map."""

from helpers.core import environment

environment.isolate()
