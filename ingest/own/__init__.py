"""Sheets that this project has written itself (exports), in both directions.

A merchant's sheet is interpreted: phrasings are split, blanks inherited, notes skipped. An export says of each row what
it is (the column 行类型) and is taken at its word, so that export → import → export gives the same bytes. Each file
here holds one thing as cells, and those cells as the thing again.
"""
