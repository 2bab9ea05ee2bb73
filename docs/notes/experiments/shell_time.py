"""长度和输出分两次发,每个命令要多等几十毫秒。三种发法各运行 15 次 echo hi。"""
import socket
import statistics
import struct
import subprocess
import threading
import time

ROUNDS = 15


def two_sends(stream, output):
    stream.sendall(struct.pack("<i", len(output)))
    stream.sendall(output)


def one_send(stream, output):
    stream.sendall(struct.pack("<i", len(output)) + output)


def serve(listener, send, nodelay):
    """一位客户,一个命令一个回答。"""
    stream, _ = listener.accept()
    stream.settimeout(10)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
    with stream:
        while command := stream.recv(1024):
            send(stream, subprocess.run(command, shell=True, capture_output=True, timeout=10).stdout)


def exactly(stream, size):
    data = b""
    while len(data) < size:
        data += stream.recv(size - len(data))
    return data


def median(send, nodelay=False):
    """每个命令用时的中位数,毫秒。"""
    times = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        threading.Thread(target=serve, args=(listener, send, nodelay), daemon=True).start()
        with socket.create_connection(listener.getsockname(), timeout=10) as stream:
            for _ in range(ROUNDS):
                start = time.perf_counter()
                stream.sendall(b"echo hi")
                exactly(stream, struct.unpack("<i", exactly(stream, 4))[0])
                times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


for title, milliseconds in (
    ("分两次发", median(two_sends)),
    ("一次发", median(one_send)),
    ("分两次发,关掉 Nagle", median(two_sends, nodelay=True)),
):
    print(f"{title}:{milliseconds:.1f} 毫秒,超过 30 毫秒:{milliseconds > 30}")
