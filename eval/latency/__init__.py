"""How long an agent waits for suggestions when questions come as they come, not when the service is ready for the next."""
