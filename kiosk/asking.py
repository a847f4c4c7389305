"""Brings visitors' questions to the server under keys that last until they are answered, or answers them here."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from kiosk.alone.standby import Standby
from kiosk.lost_answers import LostAnswers
from kiosk.questions import is_no_answer, problem_of, request_of
from kiosk.visit.effects import Question
from kiosk.visit.events import Answered, GoesAlone, Problem, Unreachable
from kiosk.visit.screens import Screen
from kiosk.visit.steps import plain
from terminal.client import UNREADABLE, Client, Request, Sending
from wire import messages as wire


class Asking(QObject):
    """Holds the questions on their way; `happened` carries what comes of each as an event.

    With a standby, questions are answered here while the server is silent, and also those about numbers that were
    given here and that it does not know yet. Nothing of a visitor is left after `forget` but keys.
    """

    happened = Signal(object)

    def __init__(self, client: Client, standby: Standby | None, screen: Callable[[], Screen]) -> None:
        """Ask for the visitor on the screen of the moment."""
        super().__init__()
        self._client, self._standby, self._screen = client, standby, screen
        self._questions: dict[int, Request] = {}
        self._sendings: dict[int, Sending] = {}
        self._unanswered: set[int] = set()
        self._lost_answers = LostAnswers(client)

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is on its way."""
        return not (self._sendings or self._unanswered)

    @property
    def cut_off(self) -> GoesAlone | Unreachable:
        """Return what it means here that the server is silent."""
        if self._standby is None or not self._standby.desk.is_open:
            return Unreachable()
        return GoesAlone(self._standby.desk.offers(), self._standby.calls())

    def meaning(self, problem: wire.Problem) -> Problem | GoesAlone:
        """Return what it means here that the server said no to what the kiosk asked by itself.

        One that fails is as good as silent, where the kiosk can do without it.
        """
        cut_off = self.cut_off
        if is_no_answer(problem) and isinstance(cut_off, GoesAlone):
            return cut_off
        return problem_of(None, problem)

    def ask(self, question: Question) -> None:
        """Ask, unless that is under way; the same question again goes under the same key."""
        ask = question.ask
        if ask in self._sendings:
            return
        self._give_up(self._unanswered - {ask})
        if self._is_answered_here(question):
            QTimer.singleShot(0, self, lambda: self._answer_here(question))
            return
        self._unanswered.add(ask)
        request = self._questions.setdefault(ask, request_of(question))
        self._sendings[ask] = self._client.send(
            request,
            lambda answer: self._ended(ask, Answered(ask, answer.ticket, answer.repeat, answer.reinstated)),
            lambda problem: self._refused(question, problem),
            lambda: self._unreachable(question),
        )

    def forget(self) -> None:
        """Let go of the visitor's questions; the server is told of those that it did not answer."""
        self._give_up(set(self._unanswered))
        self._drop()

    def stop(self) -> None:
        """Ask and tell nothing more."""
        self._unanswered.clear()
        self._lost_answers.stop()
        self._drop()

    def _drop(self) -> None:
        for sending in self._sendings.values():
            sending.cancel()
        self._sendings.clear()
        self._questions.clear()

    def _ended(self, ask: int, event: Answered | Problem) -> None:
        self._sendings.pop(ask, None)
        if not (isinstance(event, Problem) and event.reason == UNREADABLE):
            self._unanswered.discard(ask)
        if isinstance(event, Answered):
            self._questions.pop(ask, None)
        self.happened.emit(event)

    def _refused(self, question: Question, problem: wire.Problem) -> None:
        if isinstance(self.meaning(problem), GoesAlone):
            self._unreachable(question)
        else:
            self._ended(question.ask, problem_of(question.ask, problem))

    def _unreachable(self, question: Question) -> None:
        self._sendings.pop(question.ask, None)
        cut_off = self.cut_off
        if isinstance(cut_off, GoesAlone):
            self.happened.emit(cut_off)
            self._answer_here(question)
        else:
            self.happened.emit(Unreachable(question.ask))

    def _give_up(self, asks: set[int]) -> None:
        """Listen no more for the answers to these questions, and let the server know that nobody sees them."""
        for ask in asks:
            if ask in self._sendings:
                self._sendings.pop(ask).cancel()
            self._lost_answers.report(self._questions.pop(ask))
        self._unanswered -= asks

    # --- in the server's place -----------------------------------------------------------------------

    def _is_answered_here(self, question: Question) -> bool:
        """Tell whether the server is not to be asked: it is away, or does not know yet what was given here."""
        if self._standby is None:
            return False
        is_alone = self._screen().around.alone and self._standby.desk.is_open
        return is_alone or self._standby.desk.again(question) is not None

    def _answer_here(self, question: Question) -> None:
        """Answer, unless the visitor has left; a key that was asked in vain goes into the entry."""
        ask = question.ask
        if self._standby is None or getattr(plain(self._screen()), "question", None) != question:
            return
        sent = self._questions.get(ask) if ask in self._unanswered else None
        desk = self._standby.desk
        event = desk.again(question) or desk.answer(question, sent.key if sent else None)
        if isinstance(event, Answered):
            self._unanswered.discard(ask)
            self._questions.pop(ask, None)
            if not event.repeat:
                self._standby.gave.emit()
        elif isinstance(event, Problem):
            self._give_up(self._unanswered & {ask})
        self.happened.emit(event)
