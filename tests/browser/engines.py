"""Three real engines: Chromium, Firefox and WebKit, driven through one small layer.

Run as a script it prints the Debian packages that are missing, or with --say what each lacks.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.engines_window import RealBrowser
from tests.browser.engines_wire import DriverError, HttpWire, MarionetteWire, Wire
from tests.servers import free_port, until

NO_COOKIES = {"network.cookie.cookieBehavior": "2"}
LIBRARIES = (Path("/usr/lib"), Path("/usr/libexec"), Path("/usr/lib64"))
FIREFOX_PREFERENCES = {
    "marionette.port": "0",
    "browser.shell.checkDefaultBrowser": "false",
    "datareporting.policy.dataSubmissionEnabled": "false",
    "app.update.enabled": "false",
    "network.captive-portal-service.enabled": "false",
    "network.connectivity-service.enabled": "false",
}


def find_in_libraries(pattern: str) -> str | None:
    """Path of a file that Debian and others keep in a folder of the architecture."""
    for folder in LIBRARIES:
        for path in sorted(folder.glob(pattern), reverse=True):
            return str(path)
    return None


@dataclass(frozen=True)
class Part:
    """Something an engine needs, and the Debian package that has it."""

    package: str
    find: Callable[[], str | None]


def program(name: str, package: str) -> Part:
    return Part(package, lambda: shutil.which(name))


@dataclass
class Launch:
    """A browser that is being started: its own home folder, its settings, its processes."""

    home: Path
    cookies: bool = True
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, command: Sequence[str], *, out: Path | None = None, **more: str) -> None:
        """Start a program; what it says goes into a file of the home folder."""
        home = str(self.home)
        with (out or self.home / "output.log").open("ab") as log:
            self.running.append(
                subprocess.Popen(
                    command,
                    env={**os.environ, "HOME": home, "XDG_RUNTIME_DIR": home, **more},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.DEVNULL if out else log,
                    start_new_session=True,
                )
            )


@dataclass(frozen=True)
class Engine:
    """One of the three, and what has to be installed for it."""

    name: str
    parts: Sequence[Part]
    start: Callable[[Launch], Wire]

    def missing(self) -> list[str]:
        """Debian's names of what is not there."""
        return [part.package for part in self.parts if part.find() is None]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start_chromium(launch: Launch) -> Wire:
    port = free_port()
    launch.run([str(shutil.which("chromedriver")), f"--port={port}"])
    until(lambda: _listens(port), "chromedriver")
    options: dict[str, Any] = {
        "binary": find_chromium(),
        "args": ["--headless=new", *ARGUMENTS],
    }
    if not launch.cookies:
        options["prefs"] = {"profile.default_content_setting_values.cookies": 2}
    return HttpWire(port, {"goog:chromeOptions": options})


def start_firefox(launch: Launch) -> Wire:
    # Without a sound server its audio clock stands still: it gets one with a silent loudspeaker.
    speaker = launch.home / "speaker"
    socket_module = f"module-native-protocol-unix socket={speaker} auth-anonymous=1"
    sound = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
    sound += ["--disable-shm=yes", "-L", "module-null-sink rate=48000", "-L", socket_module]
    launch.run(sound)
    until(speaker.exists, "the sound server")
    profile = launch.home / "profile"
    profile.mkdir()
    preferences = FIREFOX_PREFERENCES | ({} if launch.cookies else NO_COOKIES)
    lines = (f'user_pref("{name}", {value});' for name, value in preferences.items())
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    command = [_firefox() or "", "--headless", "--no-remote", "--marionette"]
    command += ["--profile", str(profile), "about:blank"]
    launch.run(command, PULSE_SERVER=f"unix:{speaker}")
    told = profile / "MarionetteActivePort"
    until(lambda: told.exists() and told.read_text(encoding="ascii").strip() != "", "Firefox")
    port = int(told.read_text(encoding="ascii"))
    until(lambda: _listens(port), "Firefox to listen")
    return MarionetteWire(port)


def start_webkit(launch: Launch) -> Wire:
    told = launch.home / "display"
    display = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    launch.run(display, out=told)
    until(lambda: told.read_bytes().endswith(b"\n"), "the display")
    screen = ":" + told.read_text(encoding="ascii").strip()
    port = free_port()
    command = [str(shutil.which("WebKitWebDriver")), f"--port={port}"]
    # Its own sandbox needs namespaces that a container does not give; the pages are ours.
    sandbox = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
    launch.run(command, DISPLAY=screen, GDK_BACKEND="x11", **sandbox)
    until(lambda: _listens(port), "WebKitWebDriver")
    options = {"binary": _mini_browser(), "args": ["--automation"]}
    return HttpWire(port, {"webkitgtk:browserOptions": options})


def _firefox() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


def _mini_browser() -> str | None:
    return find_in_libraries("**/webkit2gtk-4.*/MiniBrowser")


ENGINES = {
    "chromium": Engine(
        "Chromium",
        (Part("chromium", find_chromium), program("chromedriver", "chromium-driver")),
        start_chromium,
    ),
    "firefox": Engine(
        "Firefox",
        (Part("firefox-esr", _firefox), program("pulseaudio", "pulseaudio")),
        start_firefox,
    ),
    "webkit": Engine(
        "WebKit",
        (
            program("WebKitWebDriver", "webkit2gtk-driver"),
            Part("webkit2gtk-driver", _mini_browser),
            program("Xvfb", "xvfb"),
            Part(
                "gstreamer1.0-plugins-base",
                lambda: find_in_libraries("*/gstreamer-1.0/libgstaudioconvert.so"),
            ),
            Part(
                "gstreamer1.0-plugins-good",
                lambda: find_in_libraries("*/gstreamer-1.0/libgstautodetect.so"),
            ),
        ),
        start_webkit,
    ),
}


@contextmanager
def open_browser(name: str, *, cookies: bool = True) -> Iterator[RealBrowser]:
    """A window of the engine, with a fresh profile; everything it started is ended with it."""
    engine = ENGINES[name]
    with tempfile.TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True) as folder:
        launch = Launch(Path(folder), cookies)
        try:
            browser = RealBrowser(engine.name, engine.start(launch))
            try:
                yield browser
            finally:
                with contextlib.suppress(DriverError, OSError):
                    browser.close()
        finally:
            _end(launch.running)


def _end(running: list[subprocess.Popen[bytes]]) -> None:
    """Each was started in a process group of its own: ending it meets nobody else."""
    for process in reversed(running):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def wanted() -> list[str]:
    """Engines to test in: all three, or those that JNDLAB_ENGINES names."""
    named = os.environ.get("JNDLAB_ENGINES", "").replace(",", " ").split()
    return [name for name in ENGINES if not named or name in named]


if __name__ == "__main__":
    lacking = {name: list(dict.fromkeys(ENGINES[name].missing())) for name in wanted()}
    if "--say" in sys.argv:
        for name, packages in lacking.items():
            print(
                f"{ENGINES[name].name}: "
                + (f"missing {' '.join(packages)}" if packages else "there")
            )
    else:
        print(" ".join(dict.fromkeys(package for some in lacking.values() for package in some)))
