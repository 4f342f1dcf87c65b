"""A program on a terminal of its own, driven by keys and measured by its bytes."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

# No wait takes longer, in seconds. A program that is silent for so long is an error, not a figure.
GRACE = 30
REPAINT = b"\x0c"
SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[()*+].|.)", re.S)


class Terminal:
    """80 columns and 24 rows, with a program in it."""

    def __init__(self, arguments, environment):
        self.began = time.perf_counter()
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
                os.execve(arguments[0], arguments, environment)
            except OSError as problem:
                os.write(2, f"{arguments[0]}: {problem}".encode())
            finally:
                os._exit(127)
        os.set_blocking(self.descriptor, False)

    def read(self, seconds):
        """The bytes that are there within a time; none after it."""
        if not select.select([self.descriptor], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self.descriptor, 1 << 16)
        except OSError:
            sys.exit("the client has ended by itself")

    def paints(self, *texts):
        """Reads until each text was painted. Returns the seconds of each since the start."""
        seen, seconds = b"", {}
        while len(seconds) < len(texts):
            data = self.read(GRACE)
            if not data:
                sys.exit(f"the client does not paint {texts}; its last bytes are {seen[-2000:]!r}")
            seen += data
            now, words = time.perf_counter() - self.began, SEQUENCE.sub(b"", seen)
            for text in texts:
                if text in words:
                    seconds.setdefault(text, now)
        return [seconds[text] for text in texts]

    def settle(self, quiet=0.02):
        """Reads until nothing came for a time. Returns the number of bytes."""
        count, end = 0, time.monotonic() + GRACE
        while data := self.read(quiet):
            count += len(data)
            if time.monotonic() > end:
                sys.exit("the client never stops writing")
        return count

    def key(self, data):
        """Presses a key. Returns the seconds until the first byte of its frame, and the number of bytes."""
        self.settle()
        began = time.perf_counter()
        os.write(self.descriptor, data)
        first = self.read(GRACE)
        seconds = time.perf_counter() - began
        if not first:
            sys.exit(f"the client does not answer the key {data!r}")
        return seconds, len(first) + self.settle()

    def type(self, data):
        """Presses keys whose answer is of no interest."""
        os.write(self.descriptor, data)
        self.settle(0.2)

    def text(self):
        """The words on the whole screen."""
        self.settle()
        os.write(self.descriptor, REPAINT)
        painted = b""
        while data := self.read(0.2):
            painted += data
        return SEQUENCE.sub(b" ", painted).decode(errors="replace")

    def see(self, pattern):
        """Waits for words on the screen. Returns the screen."""
        end = time.monotonic() + GRACE
        while not re.search(pattern, screen := self.text()):
            if time.monotonic() > end:
                sys.exit(f"the client does not show {pattern!r} but:\n{screen}")
        return screen

    def processor_time(self):
        """The seconds on a processor, of all threads."""
        # clock_getcpuclockid(3), which Python has for threads only.
        return time.clock_gettime((~self.pid << 3) | 2)

    def close(self):
        """Ends the program as a closed window does."""
        os.close(self.descriptor)
        end = time.monotonic() + 5
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                return
            time.sleep(0.005)
