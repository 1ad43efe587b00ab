"""The outside world that the API and the workers share: passwords, the format of bells."""
