"""First process of the agent's sandbox: brings the model in, and runs the harness.

    agent.py PATH PORT HARNESS ARGUMENT...

The model is behind the socket at PATH, the only way out. Programs want to talk TCP, so
127.0.0.1:PORT stands for it. The proxy behind the socket is told

    GET /bench/ready     the harness is started; its time begins
    POST /bench/failed   it cannot be started; the body says why

Nothing of the harness's own traffic is passed on before one of the two was answered.
Ends as the harness ends; 127: it could not be started, 125: no proxy, or the runner
is gone, 124: the harness was killed.
"""

import contextlib
import signal
import socket
import sys
import threading

import first

CHUNK = 1 << 16
KILLED = 128 + signal.SIGKILL
"""How our own end looks when we are killed: we never leave with it."""
HARNESS_KILLED = 124
NO_PROXY = 125
NOT_STARTED = 127
ANSWER_S = 30.0
"""The proxy is local and does nothing for these; more is a machine that hangs."""


def main() -> None:
    """Until the harness ends."""
    path, port, *harness = sys.argv[1:]
    first.keep_lifeline()
    listening = socket.create_server(("127.0.0.1", int(port)), backlog=128)
    try:
        started = first.start(harness)
    except first.CannotStartError as error:
        say(str(error))
        told(path, "POST /bench/failed", str(error))
        first.leave(NOT_STARTED)
    if not told(path, "GET /bench/ready"):
        first.leave(NO_PROXY)
    threading.Thread(target=relay_all, args=(listening, path), daemon=True).start()
    code = first.reap_until(started)
    first.leave(HARNESS_KILLED if code == KILLED else code)


def told(path: str, request: str, text: str = "") -> bool:
    """Send the proxy one request; whether it agreed."""
    body = text.encode(errors="replace")
    head = (
        f"{request} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    answer = b""
    try:
        with socket.socket(socket.AF_UNIX) as proxy:
            proxy.settimeout(ANSWER_S)
            proxy.connect(path)
            proxy.sendall(head.encode() + body)
            while b"\r\n" not in answer:
                part = proxy.recv(CHUNK)
                if not part:
                    break
                answer += part
    except OSError as error:
        say(f"{request}: {error}")
        return False
    agreed = answer.split(b" ")[1:2] in ([b"200"], [b"204"])
    if not agreed:
        say(f"{request}: answered {answer[:80]!r}")
    return agreed


def relay_all(listening: socket.socket, path: str) -> None:
    """Serve every connection that the harness and its programs make."""
    while True:
        client, _ = listening.accept()
        threading.Thread(target=relay, args=(client, path), daemon=True).start()


def relay(client: socket.socket, path: str) -> None:
    """Pass bytes on as they come, each way until its sender ends it."""
    with client, socket.socket(socket.AF_UNIX) as proxy:
        try:
            proxy.connect(path)
        except OSError:  # the runner is about to kill us
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        upward = threading.Thread(target=pass_on, args=(client, proxy), daemon=True)
        upward.start()
        pass_on(proxy, client)
        upward.join()


def pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Pass on what one side sends, and that it has ended."""
    try:
        while True:
            part = source.recv(CHUNK)
            if not part:
                break
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # One side is gone: the other must not wait for it.
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def say(text: str) -> None:
    """A line for the private log."""
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
