"""Lines of a real board by gpiozero over lgpio: outputs that never move unasked."""
