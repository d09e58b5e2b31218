"""Rows become drafts, one file per kind of sheet; below them the reading of single cells."""
