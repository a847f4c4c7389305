"""Numbers as people say them: `czterdzieści dwa`, `hai mươi mốt`, `ორმოცდაორი`; pure."""

from __future__ import annotations

from num2words import num2words

# In these the library says what people say. It has no Georgian; its Arabic has no vowels, so that a voice guesses
# them, and says figures rightly.
_BY_LIBRARY = frozenset({"pl", "en", "uk", "ru", "be", "vi"})

_KA_TO_TWENTY = (
    *("ნული", "ერთი", "ორი", "სამი", "ოთხი", "ხუთი", "ექვსი", "შვიდი", "რვა", "ცხრა", "ათი", "თერთმეტი"),
    *("თორმეტი", "ცამეტი", "თოთხმეტი", "თხუთმეტი", "თექვსმეტი", "ჩვიდმეტი", "თვრამეტი", "ცხრამეტი"),
)
_KA_SCORES = ("", "ოც", "ორმოც", "სამოც", "ოთხმოც")
_KA_HUNDREDS = ("", "ას", "ორას", "სამას", "ოთხას", "ხუთას", "ექვსას", "შვიდას", "რვაას", "ცხრაას")


def in_words(language: str, number: int) -> str:
    """Write a number (0 to 9 999) as it is said; in figures where the voice itself says them best."""
    if language == "ka":
        return _georgian(number)
    if language not in _BY_LIBRARY:
        return str(number)
    words = num2words(number, lang=language)
    # The north says linh, the south lẻ: one of them on one board, that of the voice.
    return words.replace("lẻ", "linh") if language == "vi" else words


def _georgian(number: int) -> str:
    """Count in scores: 42 is two-twenties-and-two, 95 four-twenties-and-fifteen."""
    if number < 20:
        return _KA_TO_TWENTY[number]
    if number < 100:
        scores, rest = divmod(number, 20)
        return _KA_SCORES[scores] + (f"და{_KA_TO_TWENTY[rest]}" if rest else "ი")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return _KA_HUNDREDS[hundreds] + (f" {_georgian(rest)}" if rest else "ი")
    thousands, rest = divmod(number, 1000)
    before = f"{_georgian(thousands)} " if thousands > 1 else ""
    return before + (f"ათას {_georgian(rest)}" if rest else "ათასი")
