"""The parts of the visitor's conversation, pure like kiosk.flow, through which they are used."""
