"""What a shop can answer of what buyers usually ask, and what to ask its merchant first.

usual (the questions and trades) → cover (are they answered?) and gaps (which attributes are missing?) → report.
"""
