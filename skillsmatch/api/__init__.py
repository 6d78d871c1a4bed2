"""What other programs and sites may use: open data, matching, and the box that other sites can put on their pages."""
