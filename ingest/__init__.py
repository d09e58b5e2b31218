"""A merchant's file becomes a changeset: gate → readers → columns → kinds → draft → changeset → importer → report.

`ingest.importer` is the door. Only `ingest.readers` knows file formats; nothing here knows SQL or HTTP or prints.
"""
