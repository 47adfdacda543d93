"""Users' complaints to a fintech lender, the templates of the replies, and the report to OJK."""
