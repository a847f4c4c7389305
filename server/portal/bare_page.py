"""The page that the front itself sends when a request gets no further: no library, no database, no style."""

from __future__ import annotations

from collections.abc import Mapping

# By language: what an overlong and an overslow form, and an overloaded server, are told. In all languages at once
# where the address names none.
_SENTENCES: Mapping[str, Mapping[int, str]] = {
    "pl": {
        408: "Formularz przychodził zbyt długo. Wróć i wyślij go jeszcze raz.",
        413: "Formularz jest za duży. Wróć, skróć tekst i wyślij jeszcze raz.",
        503: "Serwer jest teraz zajęty. Nic nie zostało zapisane. Spróbuj ponownie za chwilę.",
    },
    "en": {
        408: "The form took too long to arrive. Go back and send it again.",
        413: "The form is too large. Go back, make your text shorter and send it again.",
        503: "The server is busy just now. Nothing was saved. Please try again in a moment.",
    },
    "uk": {
        408: "Форма надходила занадто довго. Поверніться і надішліть її ще раз.",
        413: "Форма завелика. Поверніться, скоротіть текст і надішліть ще раз.",
        503: "Сервер зараз зайнятий. Нічого не збережено. Спробуйте ще раз за мить.",
    },
    "ru": {
        408: "Форма приходила слишком долго. Вернитесь и отправьте её ещё раз.",
        413: "Форма слишком большая. Вернитесь, сократите текст и отправьте ещё раз.",
        503: "Сервер сейчас занят. Ничего не сохранено. Попробуйте ещё раз через минуту.",
    },
    "be": {
        408: "Форма прыходзіла занадта доўга. Вярніцеся і адпраўце яе яшчэ раз.",
        413: "Форма занадта вялікая. Вярніцеся, скараціце тэкст і адпраўце яшчэ раз.",
        503: "Сервер зараз заняты. Нічога не захавана. Паспрабуйце яшчэ раз праз хвіліну.",
    },
    "vi": {
        408: "Biểu mẫu gửi đến quá lâu. Hãy quay lại và gửi thêm một lần nữa.",
        413: "Biểu mẫu quá lớn. Hãy quay lại, rút ngắn nội dung và gửi lại.",
        503: "Máy chủ hiện đang bận. Chưa có gì được lưu. Vui lòng thử lại sau ít phút.",
    },
    "ar": {
        408: "استغرق وصول النموذج وقتًا طويلًا. يرجى الرجوع وإرساله مرة أخرى.",
        413: "النموذج كبير جدًا. يرجى الرجوع واختصار النص وإرساله مرة أخرى.",
        503: "الخادم مشغول الآن. لم يُحفظ أي شيء. يرجى المحاولة مرة أخرى بعد قليل.",
    },
    "ka": {
        408: "ფორმის მიღებას ძალიან დიდი დრო დასჭირდა. დაბრუნდით და ხელახლა გააგზავნეთ.",
        413: "ფორმა ძალიან დიდია. დაბრუნდით, შეამოკლეთ ტექსტი და ხელახლა გააგზავნეთ.",
        503: "სერვერი ახლა დაკავებულია. არაფერი შენახულა. სცადეთ ხელახლა ცოტა ხანში.",
    },
}
_PAGE = (
    '<!doctype html>\n<html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>'
    "<body><main><h1>Numerek</h1>{text}</main></body></html>\n"
)


def plain_page(status: int, path: str) -> bytes:
    """Write the page of a refusal (408, 413 or 503) in the language of the address."""
    head = path[1:3]
    languages = [head] if head in _SENTENCES and path[3:4] in ("", "/") else list(_SENTENCES)
    said = [(each, _SENTENCES[each].get(status, _SENTENCES[each][503])) for each in languages]
    text = "".join(f'<p lang="{each}" dir="{_direction(each)}">{sentence}</p>' for each, sentence in said)
    language = languages[0]
    page = _PAGE.format(language=language, direction=_direction(language), title=said[0][1], text=text)
    return page.encode()


def _direction(language: str) -> str:
    return "rtl" if language == "ar" else "ltr"
