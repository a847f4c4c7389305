"""The pages on which an office sets itself up."""
