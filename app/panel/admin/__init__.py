"""Pages of plain tables that admins keep: master data, users, policies, calendar, retention."""
