"""The texts of a shop as arrays, for search as it is typed: as written and as they sound."""
