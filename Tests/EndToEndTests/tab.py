"""Types into a shell on a terminal, as a person does with the Tab key, and shows what the line became.

Usage: tab.py SHELL SETUP TEXT...

SETUP is run first. Each TEXT is typed on a line of its own, then Tab twice; what the shell shows is printed, and after
`LINE=` what stands on the line then.
"""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios

shell, setup, texts = sys.argv[1], sys.argv[2], sys.argv[3:]
programs = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"], "fish": ["fish", "--no-config", "-i"]}
prompts = {
    "bash": "PS1='REA''DY> '; bind 'set enable-bracketed-paste off'",
    "zsh": "autoload -U compinit; compinit -u -d $HOME/.zcompdump; unsetopt PROMPT_SP; PROMPT='REA''DY> '",
    "fish": "function fish_prompt; echo -n 'REA''DY> '; end; function fish_greeting; end",
}
child, terminal = pty.fork()
if child == 0:
    os.environ["TERM"] = "xterm"
    os.execvp(programs[shell][0], programs[shell])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))


def clean(data):
    """Without the sequences that move, colour and name the terminal."""
    text = data.decode(errors="replace")
    return re.sub(r"\x1b\][^\x07]*\x07|\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|[\x07\r]", "", text)


def read(seconds, until=lambda data: False):
    """What comes until the terminal has been still for so long, or shows what is waited for."""
    seen = b""
    while not until(seen) and select.select([terminal], [], [], seconds)[0]:
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            break
    return seen


def read_until(wanted):
    seen = read(30, lambda data: re.search(wanted, clean(data)))
    if not re.search(wanted, clean(seen)):
        sys.exit(f"tab.py: {shell} did not show {wanted!r} but:\n{seen!r}")
    return clean(seen)


os.write(terminal, (prompts[shell] + "\n").encode())
read_until("READY> ")
os.write(terminal, (setup + "; echo SET''UP\n").encode())
read_until("SETUP\n(.|\n)*READY> ")
for text in texts:
    os.write(terminal, text.encode())
    read(0.5)
    os.write(terminal, b"\t")
    shown = read(1.5)
    os.write(terminal, b"\t")
    shown += read(1.5)
    # To the beginning of the line, so that the shell itself shows it.
    os.write(terminal, b"\x01")
    read(0.3)
    os.write(terminal, b"echo LINE=\n")
    line = read_until("\nLINE=.*\n(.|\n)*READY> ")
    print(f"== {text}", clean(shown), re.search("\n(LINE=.*)\n", line).group(1), sep="\n")
os.write(terminal, b"exit\n")
