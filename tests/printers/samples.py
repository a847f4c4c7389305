"""Slips in six languages, and a recorder of what a spooler tells."""

from __future__ import annotations

import threading
from collections.abc import Callable

from printers import Job, JobState, PrinterSettings, PrinterState, Slip, Spooler
from printers.devices import Opener, open_link

CODE = "https://kolejka.example.org/t/Zk3vQ9xT2mB7cR5wY8nL4p"
TIMES = ("10:00", "24.11.2026 09:41", "3", "10:00–10:05")


def _slip(number: str, texts: tuple[str, ...], labels: tuple[str, ...], **more: str) -> Slip:
    office, hall, service, prepare, caption = texts
    return Slip(
        number,
        office=office,
        hall=hall,
        service=service,
        rows=tuple(zip(labels, TIMES, strict=True)),
        prepare=prepare,
        qr=CODE,
        qr_caption=caption,
        **more,
    )


SLIPS = {
    "pl": _slip(
        "P042",
        (
            "Urząd Wojewódzki",
            "Sala A · Obsługa klienta",
            "Paszport – wniosek",
            "Przygotuj: dokument tożsamości, fotografię, potwierdzenie opłaty i rezerwacji",
            "Śledź kolejkę w telefonie",
        ),
        ("Wizyta", "Wydano", "Przed Tobą", "Wezwanie ok."),
    ),
    "en": _slip(
        "L007",
        (
            "Voivodeship Office",
            "Hall A · Customer service",
            "Residence permit",
            "Please prepare: identity document, photograph, proof of payment and reservation",
            "Follow the queue on your phone",
        ),
        ("Visit", "Issued", "Ahead of you", "Expected call"),
    ),
    "uk": _slip(
        "L118",
        (
            "Воєводське управління",
            "Зала A · Обслуговування клієнтів",
            "Дозвіл на проживання – подання заяви",
            "Підготуйте: документ, що посвідчує особу, фотографію, підтвердження оплати та бронювання",
            "Стежте за чергою в телефоні",
        ),
        ("Візит", "Видано", "Перед Вами", "Виклик близько"),
    ),
    "vi": _slip(
        "N015",
        (
            "Văn phòng Tỉnh trưởng",
            "Sảnh A · Phục vụ khách hàng",
            "Nhận giấy tờ đã cấp",
            "Vui lòng chuẩn bị: giấy tờ tùy thân, ảnh, biên lai lệ phí và xác nhận đặt chỗ",
            "Theo dõi hàng đợi trên điện thoại",
        ),
        ("Giờ hẹn", "Phát hành", "Số người phía trước", "Dự kiến gọi"),
    ),
    "ar": _slip(
        "P042",
        (
            "مكتب المحافظة",
            "القاعة A · خدمة العملاء",
            "جواز السفر – تقديم طلب",
            "يرجى تحضير: وثيقة الهوية، صورة شخصية، إثبات الدفع وتأكيد الحجز (PDF)",
            "تابع الدور على هاتفك",
        ),
        ("الموعد", "صدر في", "أمامك", "النداء المتوقع"),
        direction="rtl",
    ),
    "ka": _slip(
        "K003",
        (
            "სავოევოდო უწყება",
            "დარბაზი A · მომხმარებელთა მომსახურება",
            "შეხვედრა ხელმძღვანელთან",
            "მოამზადეთ: პირადობის დოკუმენტი, ფოტოსურათი, გადახდის დასტური და ჯავშანი",
            "თვალი ადევნეთ რიგს ტელეფონში",
        ),
        ("ვიზიტი", "გაცემულია", "თქვენ წინ", "გამოძახება დაახლ."),
    ),
}
COPY_MARKS = {"pl": "KOPIA", "en": "COPY", "uk": "КОПІЯ", "vi": "BẢN SAO", "ar": "نسخة", "ka": "ასლი"}


class Watched:
    """A spooler with short limits whose changes can be waited for."""

    def __init__(self, device: str, opener: Opener = open_link, **settings: object) -> None:
        limits = {"poll_seconds": 0.1, "answer_seconds": 1.0, "start_seconds": 1.5, "job_seconds": 3.0}
        self.states: list[PrinterState] = []
        self.jobs: list[tuple[str, JobState]] = []
        self._change = threading.Condition()
        self.spooler = Spooler(
            PrinterSettings(device, **{**limits, **settings}),  # type: ignore[arg-type]
            self._job,
            self._state,
            opener,
        )

    def _job(self, job: Job, state: JobState) -> None:
        with self._change:
            self.jobs.append((job.number, state))
            self._change.notify_all()

    def _state(self, state: PrinterState, detail: str) -> None:
        with self._change:
            self.states.append(state)
            self._change.notify_all()

    def until(self, true: Callable[[], bool], seconds: float = 30.0) -> bool:
        """Wait, at most `seconds`, for a change after which `true` holds."""
        with self._change:
            return self._change.wait_for(true, seconds)

    def until_state(self, state: PrinterState, seconds: float = 30.0) -> bool:
        """Wait until the printer is so."""
        return self.until(lambda: bool(self.states) and self.states[-1] is state, seconds)

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.spooler.close()
