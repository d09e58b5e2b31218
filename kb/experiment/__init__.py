"""Experiments: who gets a treatment and who does not, decided by a hash that anybody can recompute. Pure: what is stored
and when is in `kb.store.experiments` and `kb.store.exposures`, what a hold-out does to a reply in `bot.arms`."""
