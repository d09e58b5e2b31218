"""Uplift: what a treatment earned, how sure that is, and when nothing can be said."""
