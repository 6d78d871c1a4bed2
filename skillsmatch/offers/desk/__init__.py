"""The provider's desk: uploads, editing, venues, contacts, planned places, and saying that offers are still right."""
