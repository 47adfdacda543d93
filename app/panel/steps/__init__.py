"""The forms by which a case is created and moved on."""
