"""流水线:请求可以连着发,回答按次序来;前面的慢,后面的也要等。"""
import socket
import threading
import time


def serve(listener):
    stream, _ = listener.accept()
    with stream, stream.makefile("rb") as source:
        while line := source.readline():
            while source.readline() != b"\r\n":
                pass
            path = line.split()[1]
            if path == b"/slow":
                time.sleep(0.3)
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(path), path))


with socket.create_server(("127.0.0.1", 0)) as listener:
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    with socket.create_connection(listener.getsockname(), timeout=5) as client, client.makefile("rb") as source:
        start = time.monotonic()
        client.sendall(b"".join(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path for path in (b"/slow", b"/fast")))
        for _ in range(2):
            while source.readline() != b"\r\n":
                pass
            body = source.read(5)
            print(body.decode(), "等了 0.3 秒以上:", time.monotonic() - start >= 0.3)
