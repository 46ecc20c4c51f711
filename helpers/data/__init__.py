"""Find the images, verify them, load them as the arrays that both frameworks get.

For those who add a data set or a place to look for one. May import core.
"""
