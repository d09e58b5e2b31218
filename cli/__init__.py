"""The command line: what an operator types, one noun or verb per file. Of the rooms, only this one prints.

The commands are plain functions; `huashu.py` hangs them on the tree. What a command needs is imported inside it, so that
none waits for what only another needs.
"""
