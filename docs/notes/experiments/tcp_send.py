"""send 不会弄丢数据:阻塞的 send 等,非阻塞的 send 返回写进去多少。"""
import hashlib
import socket
import threading
import time

DATA = bytes(range(256)) * 65536  # 16 MiB,比内核的两个缓冲加起来还大


def connection():
    """一条回环上的连接:发送方,接收方。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        sender = socket.create_connection(listener.getsockname(), timeout=10)
        receiver, _ = listener.accept()
    receiver.settimeout(10)
    return sender, receiver


def digest(receiver, result):
    """等 0.3 秒再开始收,一直收到结束,记下指纹。"""
    time.sleep(0.3)
    sha = hashlib.sha256()
    while data := receiver.recv(65536):
        sha.update(data)
    result.append(sha.digest())


for blocking in (True, False):
    sender, receiver = connection()
    result = []
    reader = threading.Thread(target=digest, args=(receiver, result))
    with sender, receiver:
        sender.setblocking(blocking)
        start = time.monotonic()
        reader.start()
        sent = sender.send(DATA)
        waited = time.monotonic() - start >= 0.3
        name = "阻塞" if blocking else "非阻塞"
        print(f"{name}的 send:写完全部 {sent == len(DATA)},等过对方 {waited}")
        sender.setblocking(True)
        sender.sendall(DATA[sent:])  # 没写进去的由调用者接着写
        sender.shutdown(socket.SHUT_WR)
        reader.join(10)
    print("  收到的与发出的相同:", result == [hashlib.sha256(DATA).digest()])
