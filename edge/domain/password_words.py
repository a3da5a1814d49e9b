"""What passwords are most often made of.

The words, walks over the keyboard and runs that lead the published lists of leaked passwords, in the form to
which `password_rules` brings a password: small letters, no marks, and digits in the place of letters undone.
"""

COMMON: frozenset[str] = frozenset(
    """
    password passwort passw pass pwd secret letmein welcome admin administrator root user login master
    guest access default changeme changethis temp temporary test testing demo example system server
    qwerty qwertz azerty qwertyuiop qwertzuiop asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm yxcvbnm qazwsx
    wsx edc rfv qaz poiuytrewq lkjhgfdsa mnbvcxz iloveyou love sunshine princess dragon monkey football
    baseball basketball soccer hockey superman batman shadow michael jennifer jordan hunter killer
    trustno starwars computer internet samsung apple google summer winter spring autumn january february
    march april june july august september october november december monday tuesday wednesday thursday
    friday saturday sunday hello freedom whatever flower cheese pepper ginger cookie banana chocolate
    purple orange yellow silver golden charlie thomas robert daniel andrew joshua matthew jessica ashley
    amanda nicole tokyo osaka japan nihon nippon sakura pasuwado naruto doraemon pikachu door gate
    office company terminal face camera lock unlock key keys open entrance building house home work
    security secure safe
    """.split()  # noqa: SIM905 - two hundred pairs of quotes are no help to a reader
)
RUNS: tuple[str, ...] = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)
