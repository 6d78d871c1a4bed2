"""The employer's journey: say a need, see what fits, say whether it does."""
