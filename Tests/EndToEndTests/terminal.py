"""Runs a command on a terminal of its own with 80 columns and 24 rows, answers its questions, and exits as it does.

Usage: terminal.py QUESTION ANSWER [--then QUESTION ANSWER]... COMMAND...

What the terminal shows goes to standard output. How long the command took to write something after Ctrl-C goes to
standard error.
"""
import fcntl
import os
import pty
import select
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
seen, interrupted = b"", None
while select.select([terminal], [], [], 300)[0]:
    try:
        data = os.read(terminal, 4096)
    except OSError:
        break
    if not data:
        break
    seen += data
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    # The terminal's own echo, and what was drawn already, are no answer.
    if interrupted and b"Ctrl-C again" in data:
        print(f"acknowledged after {time.monotonic() - interrupted:.2f} s", file=sys.stderr)
        interrupted = None
    while answers and answers[0][0] in seen:
        answer = answers.pop(0)[1]
        # Ctrl-C is a key alone: a line break after it would be an answer of its own.
        if answer == b"\x03":
            interrupted = time.monotonic()
        else:
            answer += b"\n"
        os.write(terminal, answer)
        seen = b""
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
