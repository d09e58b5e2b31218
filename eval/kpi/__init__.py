"""What a shop is told about its service, in figures: formulas over messages, outcomes and marks; no HTTP, no printing."""
