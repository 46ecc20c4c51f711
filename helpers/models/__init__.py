"""The networks, in Keras and in PyTorch under the same names; their weights; how good they are.

For those who add or change a network. May import core and data.
"""
