"""What people may ask about their personal data (UU 27/2022): requests, what there is of somebody, what may go."""
