"""夹在中间录下一位客户的全部字节,再发一遍。用法:secure_replay.py 服务器 状态目录 客户端程序"""
import pathlib
import socket
import subprocess
import sys
import threading

server, state, client = sys.argv[1:]
host, port = server.rsplit(":", 1)
target = (host, int(port))
listener = socket.create_server(("127.0.0.1", 0))
listener.settimeout(10)
recorded = bytearray()


def copy(source, sink, book=None):
    while chunk := source.recv(65536):
        if book is not None:
            book.extend(chunk)
        sink.sendall(chunk)
    sink.shutdown(socket.SHUT_WR)


def relay():
    front, _ = listener.accept()
    back = socket.create_connection(target, 5)
    thread = threading.Thread(target=copy, args=(back, front), daemon=True)
    thread.start()
    copy(front, back, recorded)
    thread.join(5)


thread = threading.Thread(target=relay, daemon=True)
thread.start()
middle = f"127.0.0.1:{listener.getsockname()[1]}"
pin = next(line.split()[1] for line in open(f"{state}/known_servers"))
subprocess.run(
    [client, "client", middle, "--state", state, "--fingerprint", pin, "--", "echo x >> done.txt"],
    check=True, timeout=10,
)
thread.join(5)
print("命令在录下的字节里:", b"done.txt" in recorded)

again = socket.create_connection(target, 5)
again.sendall(recorded)
again.settimeout(5)
answer = b""
try:
    while chunk := again.recv(4096):
        answer += chunk
except ConnectionResetError:
    pass
print("再发一遍,做了", len(pathlib.Path("done.txt").read_text().split()), "次")
