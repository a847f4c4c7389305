"""The kiosk measures its own screens and devices: `numerek kiosk --self-test`."""
