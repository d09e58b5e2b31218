"""What a changeset is looked at for before it is trusted: rows that are gone, answers that disagree, questions asked twice."""

from ingest.review.review import review

__all__ = ["review"]
