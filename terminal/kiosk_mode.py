"""A window that visitors cannot leave: the whole screen, no close, no menus, no drops, no pointer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPalette, QScreen, QWindow
from PySide6.QtWidgets import QApplication, QWidget

FORBIDDEN = (
    QEvent.Type.ContextMenu,
    QEvent.Type.DragEnter,
    QEvent.Type.DragMove,
    QEvent.Type.Drop,
)
MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
STAFF_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
)
# The way out of a board or of the page of a new device; a kiosk is left by the menu of the staff only.
STAFF_KEYS = QKeyCombination(STAFF_MODIFIERS, Qt.Key.Key_Q)


def handle_of(window: QWidget) -> QWindow:
    """Return the window of the system: keys and touches arrive there before any widget within has them.

    What widgets tell each other does not. A filter there costs nothing while a page is built; one on the
    application is asked of every event of every widget, in Python each time.
    """
    window.winId()  # makes the handle, if the window was not shown yet
    return window.windowHandle()


class KioskMode(QObject):
    """Hold one window over its whole screen; `leave()`, a signal and STAFF_KEYS are the only ways out.

    `locked`, as at a kiosk: STAFF_KEYS do nothing, other screens are black, and no window manager on X11 gets a
    key (Wayland has no such grab: cage itself takes no keys but those of the consoles, and these only with -s).
    """

    def __init__(self, window: QWidget, *, show_pointer: bool = False, locked: bool = False) -> None:
        """Take `window` to the full screen at once; without `show_pointer` the mouse pointer is hidden."""
        super().__init__(window)
        self._window, self._locked = window, locked
        self._curtains: dict[QScreen, QWidget] = {}
        window.setWindowFlags(_over_everything(window.windowFlags()))
        window.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        if not show_pointer:
            QApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)
        self._shows_pointer = show_pointer
        # Before the window gets the focus: a scanner that watches its keys then is asked first, and has to see
        # what else came in its burst.
        handle = handle_of(window)
        handle.installEventFilter(self)
        # Queued: the window itself learns of its state only after its handle.
        handle.windowStateChanged.connect(self._stay_full_screen, Qt.ConnectionType.QueuedConnection)
        application = _application()
        self._fill()
        window.showFullScreen()
        for screen in application.screens():
            self._follow(screen)
        application.screenAdded.connect(self._follow)
        application.screenAdded.connect(self._fill)
        application.screenRemoved.connect(self._fill)
        handle.screenChanged.connect(self._fill)

    def leave(self) -> None:
        """Let the window go again, for a clean end of the program."""
        handle = handle_of(self._window)
        handle.removeEventFilter(self)
        handle.windowStateChanged.disconnect(self._stay_full_screen)
        if self._locked:
            self._take_all_keys(False)
        if not self._shows_pointer:
            QApplication.restoreOverrideCursor()
        self._locked = False
        self._draw_curtains()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow what would open, close or move anything (Qt's own name and signature)."""
        kind = event.type()
        if isinstance(event, QKeyEvent):
            return self._swallows(event)
        if kind == QEvent.Type.Close:
            event.ignore()
        if kind == QEvent.Type.FocusIn and watched is self._window.windowHandle() and self._locked:
            self._take_all_keys(True)
        return kind == QEvent.Type.Close or kind in FORBIDDEN

    def _swallows(self, event: QKeyEvent) -> bool:
        """Say whether a key goes no further: one of a command, or what Qt asks before it looks for shortcuts."""
        if event.keyCombination() == STAFF_KEYS and not self._locked:
            # Not quit(): that asks every window first, and this one never closes.
            QApplication.exit(0)
            return True
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # so it is no shortcut, whatever it is
            return True
        return bool(event.modifiers() & MODIFIERS)

    def _take_all_keys(self, is_to: bool) -> None:
        if QGuiApplication.platformName() == "xcb":
            handle_of(self._window).setKeyboardGrabEnabled(is_to)

    def _stay_full_screen(self) -> None:
        if not self._window.isFullScreen():
            self._window.showFullScreen()

    def _follow(self, screen: QScreen) -> None:
        """Fill the screen also after it was turned or got another size."""
        screen.geometryChanged.connect(self._fill)

    def _fill(self) -> None:
        """Take the whole screen by size too: without a window manager the wish for full screen reaches nobody."""
        self._window.setGeometry(self._window.screen().geometry())
        self._draw_curtains()

    def _draw_curtains(self) -> None:
        """Cover the other screens with black, so that what lies beneath cannot be touched there."""
        others = [each for each in QGuiApplication.screens() if each is not self._window.screen()]
        wanted = others if self._locked else []
        for screen in [each for each in self._curtains if each not in wanted]:
            self._curtains.pop(screen).deleteLater()
        for screen in wanted:
            curtain = self._curtains.setdefault(screen, QWidget())
            if not curtain.isVisible():
                _be_black(curtain)
                curtain.setScreen(screen)
                handle_of(curtain).installEventFilter(self)
            curtain.setGeometry(screen.geometry())
            curtain.showFullScreen()


def _be_black(curtain: QWidget) -> None:
    curtain.setWindowFlags(_over_everything(curtain.windowFlags()) | Qt.WindowType.WindowDoesNotAcceptFocus)
    curtain.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    palette = curtain.palette()
    palette.setColor(QPalette.ColorRole.Window, Qt.GlobalColor.black)
    curtain.setPalette(palette)


def _over_everything(flags: Qt.WindowType) -> Qt.WindowType:
    return flags | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
