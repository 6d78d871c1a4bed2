"""The LSIP area as data: districts, postcode districts, themes, kinds, priorities, dated funding rules."""
