"""三位成员,一句一句地说:两个聊天室各要多久。用法:chat_few.py 127.0.0.1:8080 127.0.0.1:8081"""
import socket
import statistics
import sys
import time

LINES = 300  # 句
ROUNDS = 6  # 轮流测,取中位数


def join(address, name):
    """按行加入,读掉欢迎。"""
    host, port = address.rsplit(":", 1)
    stream = socket.create_connection((host, int(port)), timeout=5)
    stream.sendall(name.encode() + b"\n")
    stream.recv(4096)
    return stream


def talk(speaker, listeners):
    """说一句,两位都听到了再说下一句;返回每句的微秒。"""
    start = time.perf_counter()
    for _ in range(LINES):
        speaker.sendall(b"hello\n")
        for listener in listeners:
            while not listener.recv(4096).endswith(b"hello\n"):
                pass
    return (time.perf_counter() - start) / LINES * 1e6


rooms = [[join(address, name) for name in ("c", "b", "a")] for address in sys.argv[1:3]]
times = ([], [])
for _ in range(ROUNDS):
    for index, (*listeners, speaker) in enumerate(rooms):
        times[index].append(talk(speaker, listeners))
first, second = map(statistics.median, times)
print(f"三位成员,每句 {first:.0f} 微秒、{second:.0f} 微秒")
print("都不到 20 毫秒,人感觉不到:", max(first, second) < 20_000)
