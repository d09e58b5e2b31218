"""Upsell: what goes with what, whether it may be said now, and in which words.

Pure: baskets, rules and a catalogue in, an offer or a reason for silence out. docs/upsell.md tells the whole.
"""
