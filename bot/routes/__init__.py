"""HTTP and nothing else: each file is one noun of the API."""
