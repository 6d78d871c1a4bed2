"""What employers ask for, in aggregate: coded signals that hold no name, words or contact."""
