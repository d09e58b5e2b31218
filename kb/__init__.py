"""What is known and how it is found: text → store → embed → shard → shelf → search. No HTTP, no printing."""
