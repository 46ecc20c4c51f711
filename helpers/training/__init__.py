"""Recipes, augmentation and the loops that train a network, the same for both frameworks.

For those who change how the networks are trained. May import core, data and models.
"""
