"""What one host told us, parsed once to frozen values with units."""
