"""The shop owner's one page: what the bot earned, how sure we are, and how the shop was served."""
