"""An experiment's conversation rows, made of a data folder. In eval and not in kb: it reads what `kb.store` holds, in the
shape that `eval.uplift` counts, and kb must not know of either; the command line prints and writes files."""
