"""The Chamber's side: unmet needs, cases, the plan's priorities and its reports."""
