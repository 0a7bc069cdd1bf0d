#!/usr/bin/env python3
"""Answers every GET with what it has seen of the request, as JSON.

Usage: request-mirror.py FOLDER

It listens on three ports of this machine: A and B with TLS, P without. They and the certificate are in the folder when
the file `ready` is: `mirror.crt` is the server's certificate, its own authority, and good as a client's.
"""
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading

folder = sys.argv[1]
certificate, key = folder + "/mirror.crt", folder + "/mirror.key"
subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
     "-subj", "/CN=mirror", "-keyout", key, "-out", certificate, "-addext",
     "subjectAltName=IP:127.0.0.1,DNS:localhost"], check=True, capture_output=True)


def handler(name):
    class Mirror(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            signs = isinstance(self.connection, ssl.SSLSocket) and bool(self.connection.getpeercert(True))
            seen = {
                "gitVersion": "v1.32.0", "server": name, "path": self.path.split("?")[0],
                "authorization": self.headers.get("Authorization") or "", "certificate": signs,
                "user": self.headers.get("Impersonate-User") or "",
            }
            body = json.dumps(seen).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_CONNECT(self):
            # The program that is told of it shows the line: it was asked for as a proxy.
            self.send_response(502, "the proxy " + name)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    return Mirror


ports = {}
for name in "ABP":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(name))
    if name != "P":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(certificate)
        context.verify_mode = ssl.CERT_OPTIONAL
        server.socket = context.wrap_socket(server.socket, server_side=True)
    ports[name] = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
with open(folder + "/ready.new", "w") as file:
    json.dump(ports, file)
os.rename(folder + "/ready.new", folder + "/ready")
# Nobody needs it for longer, and who began it may be gone.
threading.Event().wait(300)
