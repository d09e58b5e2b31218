"""The truth on disk: one SQLite file per merchant and one hub; the only place that knows SQL.

file → schema → entries | products | vectors | events | learning → merchant; hub; folder opens them all.
"""
