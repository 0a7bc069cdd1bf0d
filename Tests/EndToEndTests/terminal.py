"""Runs a command on a terminal of its own with 80 columns and 24 rows, answers its questions, and exits as it does.

Usage: terminal.py QUESTION ANSWER [--then QUESTION ANSWER]... COMMAND...

A question "after N" is answered N seconds after the one before it, whatever is shown. The answer "-" types nothing, an
empty one the return key. A command that shows nothing for three minutes is ended.
What the terminal shows goes to standard output. How long it took from Ctrl-C to the command's word for it, or to its
end, goes to standard error.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

rest = sys.argv[1:]
answers = [(rest[0].encode(), rest[1].encode())]
rest = rest[2:]
while rest[0] == "--then":
    answers.append((rest[1].encode(), rest[2].encode()))
    rest = rest[3:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(rest[0], rest)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
seen, interrupted, asked, closed = b"", None, time.monotonic(), False
heard = asked


def due():
    """Whether the next question has been asked."""
    question = answers[0][0]
    if question.startswith(b"after "):
        return time.monotonic() - asked >= float(question.split()[1])
    return question in seen


def acknowledged():
    print(f"acknowledged after {time.monotonic() - interrupted:.2f} s", file=sys.stderr)


while not closed and time.monotonic() - heard < 180:
    if select.select([terminal], [], [], 0.05)[0]:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            data = b""
        closed, heard = not data, time.monotonic()
        seen += data
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        if interrupted and b"Ctrl-C again" in seen:
            acknowledged()
            interrupted = None
    while answers and due():
        answer = answers.pop(0)[1]
        # Ctrl-C is a key alone: a line break after it would be an answer of its own.
        if answer == b"\x03":
            interrupted = time.monotonic()
        elif answer == b"-":
            answer = b""
        else:
            answer += b"\n"
        os.write(terminal, answer)
        seen, asked = b"", time.monotonic()
if interrupted:
    acknowledged()
if not closed:
    print("terminal.py: nothing was shown for three minutes, so the command was ended", file=sys.stderr)
    os.kill(child, signal.SIGKILL)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
