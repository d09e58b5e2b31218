"""The service that agents and trainers see: HTTP over the rooms below, and two pages."""
