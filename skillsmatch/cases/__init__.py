"""The Chamber's side: unmet needs in groups, the need behind a number, the plan's priorities and its reports."""
