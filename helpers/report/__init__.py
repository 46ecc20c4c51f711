"""The report: tables, figures, the explorer, and the page that is made of executed notebooks.

For those who add a table or a figure, or change how the page looks. May import every room
before it.
"""
