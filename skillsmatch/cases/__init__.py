"""The Chamber's side: unmet needs gathered into groups, the register of them, and the need behind a number."""
