#!/usr/bin/env python3
"""Stands in front of an API server, ends TLS, and writes all that goes to the client into a file.

Usage: tls-recorder.py CERTIFICATE KEY CA SERVER_PORT RECORD PORT_FILE

It offers HTTP/1.1 alone, so that what it records is what the client gets, byte for byte, without HPACK.
"""
import os
import select
import socket
import ssl
import sys
import threading

certificate, key, authority, server_port, record, port_file = sys.argv[1:]

inner = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
inner.load_cert_chain(certificate, key)
inner.set_alpn_protocols(["http/1.1"])
outer = ssl.create_default_context(cafile=authority)
outer.set_alpn_protocols(["http/1.1"])
log = open(record, "ab", buffering=0)
lock = threading.Lock()


def send(target, data):
    while data:
        try:
            data = data[target.send(data):]
        except ssl.SSLWantWriteError:
            select.select([], [target], [])
        except ssl.SSLWantReadError:
            select.select([target], [], [])


def relay(client, server):
    other = {client: server, server: client}
    for end in other:
        end.setblocking(False)
    while True:
        ready = [end for end in other if end.pending()] or select.select(list(other), [], [])[0]
        for end in ready:
            try:
                data = end.recv(65536)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                continue
            if not data:
                return
            if end is server:
                with lock:
                    log.write(data)
            send(other[end], data)


def join(client):
    # One thread has both directions: OpenSSL's connections are not made for two at once.
    server = None
    try:
        client = inner.wrap_socket(client, server_side=True)
        server = outer.wrap_socket(
            socket.create_connection(("127.0.0.1", int(server_port))), server_hostname="127.0.0.1")
        relay(client, server)
    except OSError:
        pass
    client.close()
    if server:
        server.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=256)
with open(port_file + ".new", "w") as file:
    file.write(str(listener.getsockname()[1]))
os.rename(port_file + ".new", port_file)
while True:
    connection, _ = listener.accept()
    threading.Thread(target=join, args=(connection,), daemon=True).start()
