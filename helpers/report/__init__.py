"""The report: claims, tables, figures, and the page that is made of executed notebooks.

For those who add a claim, a table or a figure, or change how the page looks. May import every room
before it.
"""
