"""Product questions answered from facts: asked → meant → variants → values | choices → sentences. The door is `state`."""

from kb.facts.state import MOST, state

__all__ = ["MOST", "state"]
