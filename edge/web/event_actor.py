"""Who did something, in words: the actors of events."""

from edge.web.language import Language, translate


def actor_words(actor: str, language: Language) -> str:
    """Return an actor as people know them: `admin:yui` is yui, `uid:0` the command line."""
    kind, _, name = actor.partition(":")
    words = {
        "uid": "command line",
        "mqtt": "MQTT",
        "kiosk": "screen beside the door",
        "": "terminal",
    }
    if kind in words:
        return translate(words[kind], language)
    if kind == "token" and name:
        return translate("API token {token}", language, token=name)
    return name if kind == "admin" and name else actor
