"""Opens a page in a headless Chromium and tells what it did: page.py BROWSER FILE [PICTURE [WIDTH [light|dark]]]

It speaks the DevTools protocol over the browser's pipe (https://chromedevtools.github.io/devtools-protocol/, with
--remote-debugging-pipe: messages of JSON, each ended by a zero byte, on descriptors 3 and 4). The answer is one JSON
document: the requests that left the page, what its console said, and for each width and colour scheme the width that
the page needs, the size of its letters and the contrast of text and background.
"""
import base64
import json
import os
import sys
import tempfile
from pathlib import Path
from subprocess import DEVNULL, Popen

LOOK = """(() => {
  const style = getComputedStyle(document.body);
  const smallest = Math.min(...[...document.querySelectorAll('body *')]
    .filter(e => e.childElementCount === 0 && e.textContent.trim() && e.tagName !== 'SCRIPT')
    .map(e => parseFloat(getComputedStyle(e).fontSize)));
  const light = c => { const [r, g, b] = c.match(/\\d+/g).map(Number)
    .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const [a, b] = [light(style.color), light(style.backgroundColor)];
  const broken = [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1).length;
  return { heading: document.querySelector('h1').textContent, needs: document.documentElement.scrollWidth,
    height: document.documentElement.scrollHeight, smallest, broken,
    contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) };
})()"""


class Browser:
    def __init__(self, program, folder):
        ours, theirs = os.pipe(), os.pipe()
        self.sending, self.receiving = ours[1], theirs[0]
        # They are 3 and 4 in the browser, whatever they are here.
        start = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                   "--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={folder}"]
        self.child = Popen(["/bin/bash", "-c", start, "browser", str(ours[0]), str(theirs[1]), *command],
                           pass_fds=(ours[0], theirs[1]), stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
        os.close(ours[0])
        os.close(theirs[1])
        self.number, self.session, self.rest, self.events = 0, None, b"", []

    def read(self):
        while b"\0" not in self.rest:
            piece = os.read(self.receiving, 1 << 16)
            if not piece:
                sys.exit("page.py: the browser ended")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def send(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.sending, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"page.py: {method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.read())

    def end(self):
        self.child.terminate()
        self.child.wait(10)


def look(browser, width, scheme):
    browser.send("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=width < 800)
    browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    return browser.send("Runtime.evaluate", expression=LOOK, returnByValue=True)["result"]["value"]


def main(program, file, picture=None, width="1000", scheme="light"):
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(program, folder)
        try:
            target = browser.send("Target.createTarget", url="about:blank")["targetId"]
            browser.session = browser.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ["Network", "Log", "Runtime", "Page"]:
                browser.send(f"{domain}.enable")
            browser.send("Page.navigate", url=Path(file).resolve().as_uri())
            browser.wait("Page.loadEventFired")
            views = [{"width": w, "scheme": s, **look(browser, w, s)}
                     for w in (390, 1200) for s in ("light", "dark")]
            if picture:
                height = look(browser, int(width), scheme)["height"]
                shot = browser.send("Page.captureScreenshot", captureBeyondViewport=True,
                                    clip={"x": 0, "y": 0, "width": int(width), "height": height, "scale": 1})
                Path(picture).write_bytes(base64.b64decode(shot["data"]))
            events = browser.events
        finally:
            browser.end()
    requests = [event["params"]["request"]["url"] for event in events
                if event.get("method") == "Network.requestWillBeSent"]
    console = [event["params"] for event in events
               if event.get("method") in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")]
    print(json.dumps({"requests": requests, "console": console, "views": views}))


main(*sys.argv[1:])
