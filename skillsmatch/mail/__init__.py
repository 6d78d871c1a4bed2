"""The outbox and its delivery: a message is stored with what it is about, and sent afterwards."""
