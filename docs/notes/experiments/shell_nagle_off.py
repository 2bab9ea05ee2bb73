"""关掉 Nagle 算法(TCP_NODELAY),照样粘,照样切。"""
import socket
import time

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    sender = socket.create_connection(listener.getsockname(), timeout=5)
    receiver, _ = listener.accept()
with sender, receiver:
    receiver.settimeout(5)
    sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    for message in (b"one", b"two", b"three"):
        sender.sendall(message)
    time.sleep(0.2)  # 接收方忙别的去了
    print("发三次,收一次:", receiver.recv(1024))
    sender.sendall(b"0123456789")
    time.sleep(0.2)
    print("发一次,收三次:", [receiver.recv(4) for _ in range(3)])
    size, pieces = 1 << 20, []
    sender.settimeout(5)
    sender.setblocking(False)
    left = sender.send(bytes(size))  # 一次能放进多少算多少
    while sum(pieces) < left:
        pieces.append(len(receiver.recv(size)))
    print("发一次很长的,recv 的参数够大,收的次数大于 1:", len(pieces) > 1)
