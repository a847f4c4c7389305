"""The page of the line in front: the same bytes for everybody who waits about as long, in a language.

It needs no script, library, session or database. Without scripts it looks again by itself, and it says about how
long it takes; with scripts only what has changed is said aloud.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.release.arrivals import DRAWN_LATER, STEPS, looks_again_after

KEPT_SECONDS = 60
# By language: the title, that many come now, when the turn comes, that one may leave, how long the turn is kept,
# that the order is drawn at the hour, the link; then the waits, as many as there are STEPS.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "pl": (
        "Poczekalnia",
        "Teraz bardzo wiele osób chce wejść na tę stronę. Wpuszczamy po kolei. Masz już miejsce w kolejce.",
        "Twoja kolej: {wait}.",
        "Strona odświeża się sama. Możesz ją zamknąć i wrócić na dowolną naszą stronę: miejsce zostaje.",
        "Gdy przyjdzie Twoja kolej, wejdź w ciągu {minutes} min. Później trzeba stanąć na końcu kolejki.",
        "O godzinie otwarcia zapisów wylosujemy kolejność wszystkich, którzy teraz czekają. Kto "
        "przyszedł wcześniej, "
        "nie ma pierwszeństwa.",
        "Sprawdź teraz",
        *("za niecałą minutę", "za około 2 minuty", "za około 5 minut", "za około 10 minut"),
        *("za około 20 minut", "za około pół godziny", "za około godzinę", "za ponad godzinę"),
    ),
    "en": (
        "Waiting room",
        "A lot of people want to open this page right now. We let them in one at a time. You have a "
        "place in the queue.",
        "Your turn: {wait}.",
        "This page refreshes by itself. You can close it and come back to any of our pages: your place is kept.",
        "When it is your turn, come in within {minutes} min. After that you have to join the end of the queue.",
        "When booking opens, we will draw the order of everyone who is waiting now. Coming earlier "
        "gives no advantage.",
        "Check now",
        *("in less than a minute", "in about 2 minutes", "in about 5 minutes", "in about 10 minutes"),
        *("in about 20 minutes", "in about half an hour", "in about an hour", "in more than an hour"),
    ),
    "uk": (
        "Кімната очікування",
        "Зараз дуже багато людей хочуть відкрити цю сторінку. Ми впускаємо по черзі. Місце в черзі за вами.",
        "Ваша черга підійде {wait}.",
        "Сторінка оновлюється сама. Можете закрити її й повернутися на будь-яку нашу сторінку: "
        "місце збережеться.",
        "Коли настане ваша черга, увійдіть протягом {minutes} хв. Потім доведеться стати в кінець черги.",
        "Коли відкриється запис, чергу всіх, хто зараз чекає, визначить жеребкування. Хто прийшов раніше, "
        "переваги не має.",
        "Перевірити зараз",
        *("менш ніж за хвилину", "приблизно за 2 хвилини", "приблизно за 5 хвилин", "приблизно за 10 хвилин"),
        *("приблизно за 20 хвилин", "приблизно за пів години", "приблизно за годину", "більш ніж за годину"),
    ),
    "ru": (
        "Комната ожидания",
        "Сейчас очень много людей хотят открыть эту страницу. Мы впускаем по очереди. Место в "
        "очереди за вами.",
        "Ваша очередь подойдёт {wait}.",
        "Страница обновляется сама. Можете закрыть её и вернуться на любую нашу страницу: место сохранится.",
        "Когда подойдёт ваша очередь, войдите в течение {minutes} мин. Потом придётся встать в конец очереди.",
        "Когда откроется запись, очерёдность всех, кто сейчас ждёт, определит жеребьёвка. Кто пришёл раньше, "
        "преимущества не имеет.",
        "Проверить сейчас",
        *("меньше чем через минуту", "примерно через 2 минуты", "примерно через 5 минут"),
        *("примерно через 10 минут", "примерно через 20 минут", "примерно через полчаса"),
        *("примерно через час", "больше чем через час"),
    ),
    "be": (
        "Пачакальня",
        "Зараз вельмі шмат людзей хочуць адкрыць гэту старонку. Мы ўпускаем па чарзе. Месца ў чарзе ўжо за вамі.",
        "Ваша чарга падыдзе {wait}.",
        "Старонка абнаўляецца сама. Можаце закрыць яе і вярнуцца на любую нашу старонку: месца захаваецца.",
        "Калі падыдзе ваша чарга, увайдзіце на працягу {minutes} хв. Потым давядзецца стаць у канец чаргі.",
        "Калі адкрыецца запіс, чарговасць усіх, хто зараз чакае, вызначыць жараб’ёўка. Хто прыйшоў раней, "
        "перавагі не мае.",
        "Праверыць зараз",
        *("менш чым праз хвіліну", "прыкладна праз 2 хвіліны", "прыкладна праз 5 хвілін"),
        *("прыкладна праз 10 хвілін", "прыкладна праз 20 хвілін", "прыкладна праз паўгадзіны"),
        *("прыкладна праз гадзіну", "больш чым праз гадзіну"),
    ),
    "vi": (
        "Phòng chờ trực tuyến",
        "Hiện có rất nhiều người muốn mở trang này. Mọi người được vào lần lượt. Quý vị đã có chỗ trong hàng.",
        "Đến lượt quý vị: {wait}.",
        "Trang tự làm mới. Quý vị có thể đóng trang rồi quay lại bất kỳ trang nào của chúng tôi: chỗ "
        "của quý vị được giữ.",
        "Khi đến lượt, hãy vào trong vòng {minutes} phút. Quá thời gian đó, quý vị phải xếp lại ở cuối hàng.",
        "Đến giờ mở đăng ký, chúng tôi bốc thăm thứ tự cho tất cả những người đang chờ. Đến sớm hơn "
        "không được ưu tiên.",
        "Kiểm tra ngay",
        *("chưa đầy một phút nữa", "khoảng 2 phút nữa", "khoảng 5 phút nữa", "khoảng 10 phút nữa"),
        *("khoảng 20 phút nữa", "khoảng nửa giờ nữa", "khoảng một giờ nữa", "hơn một giờ nữa"),
    ),
    "ar": (
        "غرفة الانتظار",
        "يريد عدد كبير جدًا من الأشخاص فتح هذه الصفحة الآن. الدخول بالدور، ومكانك محفوظ.",
        "سيحين دورك {wait}.",
        "تُحدَّث الصفحة تلقائيًا. يمكنك إغلاقها والعودة إلى أي من صفحاتنا: سيبقى مكانك محفوظًا.",
        "عندما يحين دورك، ادخل خلال {minutes}. بعد ذلك عليك الوقوف في آخر الطابور.",
        "عند فتح الحجز نجري قرعة لتحديد ترتيب جميع المنتظرين الآن. الحضور المبكر لا يمنح أولوية.",
        "تحقق الآن",
        *("بعد أقل من دقيقة", "بعد دقيقتين تقريبًا", "بعد 5 دقائق تقريبًا", "بعد 10 دقائق تقريبًا"),
        *("بعد 20 دقيقة تقريبًا", "بعد نصف ساعة تقريبًا", "بعد ساعة تقريبًا", "بعد أكثر من ساعة"),
    ),
    "ka": (
        "მოსაცდელი",
        "ახლა ამ გვერდის გახსნა ძალიან ბევრ ადამიანს სურს. ყველას რიგრიგობით ვუშვებთ. რიგში "
        "ადგილი უკვე გაქვთ.",
        "თქვენი რიგი მოვა {wait}.",
        "გვერდი თავისით ახლდება. შეგიძლიათ დახუროთ და ჩვენს ნებისმიერ გვერდზე დაბრუნდეთ: ადგილი შეგენახებათ.",
        "როცა თქვენი რიგი მოვა, შემოდით {minutes} წუთის განმავლობაში. მერე რიგის ბოლოში მოგიწევთ დადგომა.",
        "როცა ჩაწერა გაიხსნება, ყველას რიგითობას, ვინც ახლა ელოდება, კენჭისყრით განვსაზღვრავთ. ადრე "
        "მოსვლა უპირატესობას არ იძლევა.",
        "შეამოწმეთ ახლა",
        *("ერთ წუთზე ნაკლებ დროში", "დაახლოებით 2 წუთში", "დაახლოებით 5 წუთში", "დაახლოებით 10 წუთში"),
        *("დაახლოებით 20 წუთში", "დაახლოებით ნახევარ საათში", "დაახლოებით ერთ საათში"),
        "ერთ საათზე მეტი ხნის შემდეგ",
    ),
}
LANGUAGES = tuple(_WORDS)
_STYLE = (
    "body{margin:0 auto;max-width:38rem;padding:1rem;font:1.1875rem/1.4 arial,sans-serif;color:#0b0c0c;"
    "background:#fff;overflow-wrap:break-word}h1{font-size:2rem;line-height:1.2}"
    "#wait{border-inline-start:.5rem solid #1d70b8;padding:.5rem 1rem;font-size:1.5rem;font-weight:bold}"
    "a{color:#1a65a6}a:focus{background:#fd0;color:#0b0c0c;outline:3px solid transparent;"
    "box-shadow:0 -2px #fd0,0 4px #0b0c0c}"
)
# Who reads by ear hears the page once, and after that only what has changed.
_SCRIPT = (
    'const wait=document.getElementById("wait"),door=document.querySelector("a").pathname;'
    "let seconds=Number(wait.dataset.again);"
    "async function look(){try{"
    'const answer=await fetch(door+"?look");'
    "if(answer.status===204)return location.replace(door);"
    "if(answer.ok){const page=new DOMParser().parseFromString(await answer.text(),"
    '"text/html"),there=page.getElementById("wait");'
    "if(there){seconds=Number(there.dataset.again);"
    "if(there.textContent!==wait.textContent)wait.textContent=there.textContent}}"
    "}catch{}later()}"
    "function later(){setTimeout(look,seconds*(800+400*Math.random()))}"
    "later()"
)
_PAGE = (
    '<!doctype html>\n<html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
    '<noscript><meta http-equiv="refresh" content="{again}; url=/{language}/wait"></noscript>'
    "<title>{title}</title><style>{style}</style></head><body><main><h1>{title}</h1><p>{many}</p>"
    '<p id="wait" role="status" data-again="{again}">{told}</p><p>{leave}</p><p>{kept}</p>'
    '<p><a href="/{language}/wait">{link}</a></p></main>'
    '<script type="module">{script}</script></body></html>\n'
)


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


POLICY = (
    f"default-src 'none'; script-src {_hash(_SCRIPT)}; style-src {_hash(_STYLE)}; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
"""What the page may load: the style and the script in it, and its own address."""


@dataclass(frozen=True, slots=True)
class StaticPage:
    """A page that is written once, with the name of its bytes (ETag)."""

    body: bytes
    etag: bytes


def waiting_pages(turn_kept_minutes: int) -> dict[str, StaticPage]:
    """Write all pages, by their addresses: one for each language and wait (STEPS), and DRAWN_LATER."""
    pages = {}
    for language in LANGUAGES:
        for step in (DRAWN_LATER, *STEPS):
            body = _written(language, step, turn_kept_minutes)
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'.encode()
            pages[waiting_address(language, step)] = StaticPage(body, etag)
    return pages


def waiting_address(language: str, step: int) -> str:
    """Return where the page of a wait is."""
    return f"/{language}/wait/{step}"


def _written(language: str, step: int, minutes: int) -> bytes:
    title, many, turn, leave, kept, drawn, link, *waits = _WORDS[language]
    told = drawn if step == DRAWN_LATER else turn.format(wait=waits[STEPS.index(step)])
    return _PAGE.format(
        language=language,
        direction="rtl" if language == "ar" else "ltr",
        again=looks_again_after(step),
        title=title,
        style=_STYLE,
        many=many,
        told=_together(told),
        leave=leave,
        kept=_together(kept.format(minutes=_arabic_minutes(minutes) if language == "ar" else minutes)),
        link=link,
        script=_SCRIPT,
    ).encode()


def _together(text: str) -> str:
    """Keep a number and what it counts on one line."""
    return re.sub(r"(?<=\d) ", "\u00a0", text)


def _arabic_minutes(count: int) -> str:
    """Write minutes as Arabic counts them: one, two, some of three to ten, and all others."""
    if count <= 2:
        return ("دقيقة واحدة", "دقيقتين")[count - 1]
    return f"{count} دقائق" if 3 <= count % 100 <= 10 else f"{count} دقيقة"
