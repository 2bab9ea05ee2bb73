"""水平触发与边缘触发:来了 10 个字节,每次只读 4 个。"""
import select
import socket


def experiment(title, flags):
    """看 epoll 通知几次;每次通知只读 4 个字节。"""
    sender, receiver = socket.socketpair()
    with sender, receiver, select.epoll() as epoll:
        receiver.setblocking(False)
        epoll.register(receiver, select.EPOLLIN | flags)
        sender.sendall(b"0123456789")
        pieces = []
        while epoll.poll(0.2):  # 最多等 0.2 秒,等不到是空的
            pieces.append(receiver.recv(4))
        print(f"{title}:通知 {len(pieces)} 次,读到 {pieces}")
        sender.sendall(b"ab")
        print(f"  又来了 2 个字节:通知 {len(epoll.poll(0.2))} 次,读到 {receiver.recv(4)}")


experiment("水平触发", 0)
experiment("边缘触发", select.EPOLLET)

sender, receiver = socket.socketpair()
with sender, receiver, select.epoll() as epoll:
    receiver.setblocking(False)
    epoll.register(receiver, select.EPOLLIN | select.EPOLLET)
    sender.sendall(b"0123456789")
    epoll.poll(2)
    pieces = []
    try:
        while True:
            pieces.append(receiver.recv(4))
    except BlockingIOError:  # EAGAIN:读空了,以后再来才有新的通知
        pieces.append("EAGAIN")
    print("边缘触发,一次通知读到 EAGAIN 为止:", pieces)
