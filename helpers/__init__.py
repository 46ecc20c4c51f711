"""The logic behind the notebooks, one responsibility a module."""
