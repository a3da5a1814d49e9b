"""What the office does with the site, whoever asks: command line, control socket or page.

Each module holds use cases over ports; they refuse in one line and change nothing then.
"""
