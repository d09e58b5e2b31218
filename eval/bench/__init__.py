"""Is it fast? The real service in a process of its own, beside the engine alone, in turn, in one run.

texts → town (a data folder of many shops) → child (the service) → ask (over HTTP) → speed (what is measured) → figures.
peers → worker: hit rate and questions per second beside two other engines that are given the same vectors.
"""
