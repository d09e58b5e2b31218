"""Is it fast? The real service in a process of its own, beside the engine alone, in turn, in one run.

texts → town (a data folder of many shops) → child (the service) → ask (over HTTP) → speed (what is measured) → figures.
ingest: what an import costs, and what agents feel of it, on the same texts and child.
peers → worker: hit rate and questions per second beside two other engines that are given the same vectors.
"""
