"""Runs a command on a terminal of its own, answers its question, and exits as it does.

Usage: terminal.py QUESTION ANSWER COMMAND...
"""
import os
import pty
import select
import sys

question, answer, command = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]
# Ctrl-C is a key alone: a line break after it would be an answer of its own.
if answer != b"\x03":
    answer += b"\n"
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
seen, answered = b"", False
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
    if not answered and question in seen:
        os.write(terminal, answer)
        answered = True
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
