"""Numbers are said as people say them; the forms here were written by hand, not by the library."""

from __future__ import annotations

import re
import subprocess

import pytest

from display_board.numbers import in_words

FORMS = {
    "pl": """0 zero|1 jeden|2 dwa|3 trzy|4 cztery|5 pięć|6 sześć|7 siedem|8 osiem|9 dziewięć|10 dziesięć
        11 jedenaście|12 dwanaście|13 trzynaście|14 czternaście|15 piętnaście|16 szesnaście|17 siedemnaście
        18 osiemnaście|19 dziewiętnaście|20 dwadzieścia|21 dwadzieścia jeden|22 dwadzieścia dwa|30 trzydzieści
        40 czterdzieści|42 czterdzieści dwa|50 pięćdziesiąt|56 pięćdziesiąt sześć|60 sześćdziesiąt
        70 siedemdziesiąt|80 osiemdziesiąt|90 dziewięćdziesiąt|99 dziewięćdziesiąt dziewięć|100 sto|101 sto jeden
        105 sto pięć|112 sto dwanaście|121 sto dwadzieścia jeden|200 dwieście|300 trzysta|400 czterysta
        500 pięćset|600 sześćset|700 siedemset|800 osiemset|900 dziewięćset
        999 dziewięćset dziewięćdziesiąt dziewięć
        1000 tysiąc|1005 tysiąc pięć""",
    "en": """0 zero|1 one|2 two|3 three|4 four|5 five|6 six|7 seven|8 eight|9 nine|10 ten|11 eleven|12 twelve
        13 thirteen|14 fourteen|15 fifteen|16 sixteen|17 seventeen|18 eighteen|19 nineteen|20 twenty
        21 twenty-one|30 thirty
        35 thirty-five|40 forty|42 forty-two|50 fifty|60 sixty|70 seventy|80 eighty|90 ninety|99 ninety-nine
        100 one hundred|101 one hundred and one|105 one hundred and five|110 one hundred and ten
        112 one hundred and twelve|121 one hundred and twenty-one|200 two hundred|300 three hundred
        555 five hundred and fifty-five|600 six hundred|700 seven hundred|999 nine hundred and ninety-nine
        1000 one thousand""",
    "uk": """0 нуль|1 один|2 два|3 три|4 чотири|5 п'ять|6 шість|7 сім|8 вісім|9 дев'ять|10 десять|11 одинадцять
        12 дванадцять|13 тринадцять|14 чотирнадцять|15 п'ятнадцять|16 шістнадцять|17 сімнадцять|18 вісімнадцять
        19 дев'ятнадцять|20 двадцять|21 двадцять один|30 тридцять|40 сорок|42 сорок два|50 п'ятдесят|60 шістдесят
        70 сімдесят|80 вісімдесят|90 дев'яносто|99 дев'яносто дев'ять|100 сто|101 сто один|105 сто п'ять
        112 сто дванадцять|121 сто двадцять один|200 двісті|300 триста|400 чотириста|500 п'ятсот|600 шістсот
        700 сімсот|800 вісімсот|900 дев'ятсот|999 дев'ятсот дев'яносто дев'ять""",
    "ru": """0 ноль|1 один|2 два|3 три|4 четыре|5 пять|6 шесть|7 семь|8 восемь|9 девять|10 десять|11 одиннадцать
        12 двенадцать|13 тринадцать|14 четырнадцать|15 пятнадцать|16 шестнадцать|17 семнадцать|18 восемнадцать
        19 девятнадцать|20 двадцать|21 двадцать один|30 тридцать|40 сорок|42 сорок два|50 пятьдесят|60 шестьдесят
        70 семьдесят|80 восемьдесят|90 девяносто|99 девяносто девять|100 сто|101 сто один|105 сто пять
        112 сто двенадцать|121 сто двадцать один|200 двести|300 триста|400 четыреста|500 пятьсот|600 шестьсот
        700 семьсот|800 восемьсот|900 девятьсот|999 девятьсот девяносто девять""",
    "be": """0 нуль|1 адзін|2 два|3 тры|4 чатыры|5 пяць|6 шэсць|7 сем|8 восем|9 дзевяць|10 дзесяць|11 адзінаццаць
        12 дванаццаць|13 трынаццаць|14 чатырнаццаць|15 пятнаццаць|16 шаснаццаць|17 сямнаццаць|18 васямнаццаць
        19 дзевятнаццаць|20 дваццаць|21 дваццаць адзін|30 трыццаць|40 сорак|42 сорак два|50 пяцьдзясят
        60 шэсцьдзясят|70 семдзесят|80 восемдзесят|90 дзевяноста|99 дзевяноста дзевяць|100 сто|101 сто адзін
        105 сто пяць|112 сто дванаццаць|121 сто дваццаць адзін|200 дзвесце|300 трыста|400 чатырыста|500 пяцьсот
        600 шэсцьсот|700 семсот|800 восемсот|900 дзевяцьсот|999 дзевяцьсот дзевяноста дзевяць""",
    "vi": """0 không|1 một|2 hai|3 ba|4 bốn|5 năm|6 sáu|7 bảy|8 tám|9 chín|10 mười|11 mười một|12 mười hai
        13 mười ba|14 mười bốn|15 mười lăm|16 mười sáu|17 mười bảy|18 mười tám|19 mười chín|20 hai mươi
        21 hai mươi mốt
        22 hai mươi hai|25 hai mươi lăm|30 ba mươi|31 ba mươi mốt|40 bốn mươi|42 bốn mươi hai|50 năm mươi
        55 năm mươi lăm|60 sáu mươi|70 bảy mươi|80 tám mươi|90 chín mươi|99 chín mươi chín|100 một trăm
        101 một trăm linh một|105 một trăm linh năm|110 một trăm mười|111 một trăm mười một|115 một trăm mười lăm
        121 một trăm hai mươi mốt|200 hai trăm|205 hai trăm linh năm|500 năm trăm|555 năm trăm năm mươi lăm
        999 chín trăm chín mươi chín""",
    "ka": """0 ნული|1 ერთი|2 ორი|3 სამი|4 ოთხი|5 ხუთი|6 ექვსი|7 შვიდი|8 რვა|9 ცხრა|10 ათი|11 თერთმეტი|12 თორმეტი
        13 ცამეტი|14 თოთხმეტი|15 თხუთმეტი|16 თექვსმეტი|17 ჩვიდმეტი|18 თვრამეტი|19 ცხრამეტი|20 ოცი|21 ოცდაერთი
        22 ოცდაორი|29 ოცდაცხრა|30 ოცდაათი|31 ოცდათერთმეტი|39 ოცდაცხრამეტი|40 ორმოცი|42 ორმოცდაორი|50 ორმოცდაათი
        56 ორმოცდათექვსმეტი|60 სამოცი|65 სამოცდახუთი|70 სამოცდაათი|77 სამოცდაჩვიდმეტი|80 ოთხმოცი|90 ოთხმოცდაათი
        95 ოთხმოცდათხუთმეტი|99 ოთხმოცდაცხრამეტი|100 ასი|101 ას ერთი|105 ას ხუთი|120 ას ოცი|200 ორასი
        300 სამასი|400 ოთხასი|500 ხუთასი|600 ექვსასი|700 შვიდასი|800 რვაასი|900 ცხრაასი|1000 ათასი
        999 ცხრაას ოთხმოცდაცხრამეტი|1005 ათას ხუთი|2000 ორი ათასი|2042 ორი ათას ორმოცდაორი""",
}
# What is heard, without length and stress: a voice says Arabic figures with the vowels that no text writes.
ARABIC = """0 sifr|1 waħid|2 ʔiθnan|3 θalaθa|4 ʔarbaʕa|5 xamsa|6 sita|7 sabʕa|8 θamanija|9 tisʕa|10 ʕaʃara
    11 ʔaħadaʕaʃar|12 ʔiθnaʕaʃar|13 θalaθataʕaʃar|14 ʔarbaʕataʕaʃar|15 xamsataʕaʃar|16 sitataʕaʃar|17 sabʕataʕaʃar
    18 θamanijataʕaʃar|19 tisʕataʕaʃar|20 ʕiʃrun|21 waħidwaʕiʃrun|22 ʔiθnanwaʕiʃrun|25 xamsawaʕiʃrun|30 θalaθun
    33 θalaθawaθalaθun|40 ʔarbaʕun|42 ʔiθnanwaʔarbaʕun|50 xamsun|60 situn|70 sabʕun|80 θamanun|90 tisʕun
    99 tisʕawatisʕun|100 miʔa|101 miʔawawaħid|105 miʔawaxamsa|110 miʔawaʕaʃara|111 miʔawaʔaħadaʕaʃar|200 miʔatan
    212 miʔatanwaʔiθnaʕaʃar|300 θalaθumiʔa|400 ʔarbaʕumiʔa|500 xamsumiʔa|600 situmiʔa|700 sabʕumiʔa|900 tisʕumiʔa
    1000 ʔalf"""


def forms(text: str) -> list[tuple[int, str]]:
    """Read `number words` from a table of ours."""
    pairs = (each.strip().split(" ", 1) for each in re.split(r"[|\n]", text))
    return [(int(number), words) for number, words in pairs]


@pytest.mark.parametrize("language", FORMS)
def test_numbers_are_said_as_people_say_them(language):
    expected = dict(forms(FORMS[language]))
    assert len(expected) >= 40
    assert {number: in_words(language, number) for number in expected} == expected


@pytest.mark.parametrize("language", FORMS)
def test_no_two_numbers_sound_the_same(language):
    said = [in_words(language, number) for number in range(1200)]
    assert len(set(said)) == 1200
    assert not [words for words in said if re.search(r"\d|  |^ | $", words)]


def test_arabic_figures_are_heard_as_people_say_them():
    expected = forms(ARABIC)
    assert len(expected) >= 40
    said = [in_words("ar", number) for number, _ in expected]
    command = ("espeak-ng", "-v", "ar", "-q", "--ipa", "--stdin")
    heard = subprocess.run(
        command, input="\n".join(f"{each}." for each in said), capture_output=True, text=True
    )
    letters = "".join(words for _, words in expected)
    plain = [
        # A doubled sound counts once; the program prints odd signs beside some.
        re.sub(r"ʕ+", "ʕ", re.sub(f"[^{letters}]", "", line.replace("ɹ", "r")))
        for line in heard.stdout.splitlines()
        if line
    ]
    assert plain == [words for _, words in expected]


def test_a_language_that_an_office_added_is_left_to_its_voice():
    assert in_words("de", 42) == "42"
