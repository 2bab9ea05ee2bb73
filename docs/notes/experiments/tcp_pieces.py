"""发的次数与收的次数无关:同样发三次,接收方早收、晚收,收到的块数不同。"""
import socket
import time

MESSAGES = [b"one", b"two", b"three"]


def connection(nodelay):
    """一条回环上的连接:发送方,接收方。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        sender = socket.create_connection(listener.getsockname(), timeout=2)
        receiver, _ = listener.accept()
    receiver.settimeout(2)
    sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
    return sender, receiver


def experiment(title, early=False, nodelay=False, pause=0.0):
    """发三次;early 是发一次收一次,否则全发完、到齐了再收。"""
    sender, receiver = connection(nodelay)
    with sender, receiver:
        pieces = []
        for message in MESSAGES:
            sender.sendall(message)
            time.sleep(pause)
            if early:
                pieces.append(receiver.recv(1024))
        if not early:
            time.sleep(0.2)  # 接收方忙别的去了
            pieces.append(receiver.recv(1024))
        print(f"{title}:{pieces}")


experiment("发一次就收一次", early=True)
experiment("忙完再收", early=False)
experiment("忙完再收,两次 send 之间睡 0.1 秒", pause=0.1)
experiment("忙完再收,关掉 Nagle(TCP_NODELAY)", nodelay=True)

sender, receiver = connection(nodelay=False)
with sender, receiver:
    sender.sendall(bytes(5000))
    time.sleep(0.2)
    print("发一次 5000 字节,recv(1024):", [len(receiver.recv(1024)) for _ in range(5)])
