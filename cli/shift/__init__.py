"""A shift in miniature: written conversations of the demo shops, played into a running service as buyers would type them.

`talk` reads them, `day` says when the next buyer comes, `chat` is one conversation being played, `desk` is the service as
its clients see it, and `player` keeps a few conversations open at once.
"""
