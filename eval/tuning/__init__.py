"""Teach the built-in model how buyers ask: pairs → network → learn → tuning.npz. Needs the extra [models]."""
