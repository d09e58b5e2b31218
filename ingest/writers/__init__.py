"""Pages become files: the mirror of `ingest.readers`, and the only room that knows output formats."""
