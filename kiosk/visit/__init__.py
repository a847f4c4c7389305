"""The parts of the visitor's conversation, pure like kiosk.flow, which is its door."""
