"""The LSIP pack: outputs R1 to R12, internal from exact rows, public from published releases alone."""
