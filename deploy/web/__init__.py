"""Fetches what browsers get from elsewhere (stylesheet, scripts) and puts it together in one folder."""
