"""What local providers run: providers, venues and offers, and the files they come from."""
