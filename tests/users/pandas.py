"""Not here, as on every user's computer: a test's oracle brings pandas, sqlite-utils loads it wherever it finds it, and
each process that a test starts would begin a third of a second later."""

raise ImportError("a user has no pandas")
