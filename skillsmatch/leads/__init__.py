"""What employers agreed to share: consent, leads, replies, cohorts and alerts. Nothing is shown without consent."""
