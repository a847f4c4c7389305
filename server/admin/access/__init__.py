"""`admin device`, `admin user` and `admin integrator`: who may come in."""
