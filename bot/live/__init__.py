"""What is alive of the shops' conversations: the queue, its clocks, suggestions for bursts, the stream, requests for help."""
