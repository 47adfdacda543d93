"""What pages and API share: the actor of a request, roles, visible rows, files, hardening, refusals."""
