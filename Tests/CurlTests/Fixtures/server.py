"""An HTTP/1.1 server, over TLS or not, that misbehaves as the path asks; or a proxy that tunnels (CONNECT).

usage: server.py http|https|proxy [CERT KEY [CLIENT_CA]]
Prints the port it listens on, then serves until its standard input ends.
"""
import json, os, socket, ssl, sys, threading, time
from urllib.parse import parse_qs, urlsplit

kind = sys.argv[1]
lock = threading.Lock()
connections = 0
seen = []  # method and target of every request whose head arrived


def read_head(stream):
    lines = []
    while True:
        line = stream.readline(65536)
        if not line:
            return None
        if line in (b"\r\n", b"\n"):
            return [l.decode("latin-1") for l in lines]
        lines.append(line.rstrip(b"\r\n"))


def reply(sock, status, body=b"", headers=()):
    head = ["HTTP/1.1 %d X" % status, "Content-Length: %d" % len(body)]
    head += ["%s: %s" % pair for pair in headers]
    sock.sendall("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)


def serve_requests(sock, number, sni):
    stream = sock.makefile("rb")
    count = 0
    while True:
        head = read_head(stream)
        if not head:
            return
        count += 1
        method, target, _ = head[0].split(" ", 2)
        headers = [l.split(":", 1) for l in head[1:]]
        fields = {n.lower(): v.strip() for n, v in headers}
        body = stream.read(int(fields.get("content-length", 0)))
        url = urlsplit(target)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        if url.path != "/seen":
            with lock:
                seen.append(method + " " + target)
        if url.path == "/echo":
            reply(sock, 200, json.dumps({
                "method": method, "target": target, "headers": fields, "body": body.decode("latin-1"),
                "connection": number, "sni": sni}).encode())
        elif url.path == "/seen":
            with lock:
                reply(sock, 200, json.dumps({"requests": seen, "connections": connections}).encode())
        elif url.path == "/silent":
            stream.read(1)
            return
        elif url.path == "/big":
            reply(sock, 200, b"x" * int(query["n"]))
        elif url.path == "/headers":
            reply(sock, 200, b"", [("X-Fill-%d" % i, "v" * 1000) for i in range(int(query["n"]))])
        elif url.path == "/drop":
            return
        elif url.path == "/drop-when-reused":
            if count > 1:
                return
            reply(sock, 200, b"first")
        elif url.path == "/partial":
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npartial")
            return
        elif url.path == "/redirect":
            reply(sock, 302, b"", [("Location", "/echo")])
        elif url.path == "/interim":
            sock.sendall(b"HTTP/1.1 103 Early Hints\r\nX-Interim: yes\r\n\r\n")
            reply(sock, 200, b"final", [("X-Final", "yes")])
        elif url.path == "/gzip":
            import gzip
            reply(sock, 200, gzip.compress(b"y" * int(query["n"])), [("Content-Encoding", "gzip")])
        elif url.path == "/garbage":
            sock.sendall(b"\x1b[31mnot http at all\r\n\r\n")
            return
        elif url.path == "/close":
            reply(sock, 200, b"bye", [("Connection", "close")])
            return
        else:
            reply(sock, 404)


def tunnel(sock):
    stream = sock.makefile("rb", buffering=0)
    head = read_head(stream)
    if not head:
        return
    method, target, _ = head[0].split(" ", 2)
    with lock:
        seen.append(method + " " + target)
    if target.startswith("http://seen.invalid"):
        return reply(sock, 200, json.dumps({"requests": seen, "connections": connections}).encode())
    if method != "CONNECT" or target.startswith("refused."):
        return reply(sock, 403)
    far = socket.create_connection(("127.0.0.1", int(target.rsplit(":", 1)[1])))
    sock.sendall(b"HTTP/1.1 200 Established\r\nX-Proxy: yes\r\n\r\n")

    def pump(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    threading.Thread(target=pump, args=(far, sock), daemon=True).start()
    pump(sock, far)


def serve(sock):
    global connections
    with lock:
        connections += 1
        number = connections
    names = []
    try:
        if kind == "https":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[2], sys.argv[3])
            context.set_alpn_protocols(["http/1.1"])
            context.sni_callback = lambda s, name, c: names.append(name)
            if len(sys.argv) > 4:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(sys.argv[4])
            sock = context.wrap_socket(sock, server_side=True)
        if kind == "proxy":
            tunnel(sock)
        else:
            serve_requests(sock, number, names[0] if names else None)
    except (OSError, ValueError):
        pass
    finally:
        sock.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=256)
print(listener.getsockname()[1], flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
while True:
    client, _ = listener.accept()
    threading.Thread(target=serve, args=(client,), daemon=True).start()
