"""Is it right, is it fast, does it sell?"""
