"""Chat logs become knowledge: what agents answered again and again, and the questions that led to it.

talks → `exchange` (question and reply) → `generic` (replies that are no greeting and nobody's parcel) → `group` (the same
information in other words) → `attach` (what the shop knows already: leads) | `choose` (a draft: its answer and questions)
talks → `reply` (what was said once, in full) → `worth` (P(right)) → `once` (those worth reading) → as above
"""
