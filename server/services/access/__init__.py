"""Who may come in: devices, clerks and integrators, their tokens, sign-ins and passwords."""
