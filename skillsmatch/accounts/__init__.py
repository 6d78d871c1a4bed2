"""Accounts of providers, colleges, the Chamber and administrators: sign-in, who may see which page, the audit log."""
