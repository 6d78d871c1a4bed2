"""The LSIP area as data: districts, postcode districts, themes, kinds, priorities, and funding rules with dates."""
