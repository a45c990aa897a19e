"""What a server offers, what it decides, and what it answers; the interface of offers."""
