"""没有 bind 就发送:第一次 sendto 时系统挑一个端口,以后一直用它。"""
import socket


def port(sock):
    """套接字现在的本地端口;0 表示还没有。"""
    try:
        return sock.getsockname()[1]
    except OSError:  # Windows:没有绑定的套接字还没有地址
        return 0


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, \
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(2)
    print("发送之前,本地端口:", port(sender))
    seen = []
    for text in (b"one", b"two", b"three"):
        sender.sendto(text, receiver.getsockname())
        _, source = receiver.recvfrom(1024)
        seen.append(source[1])
    print("发送之后,本地端口:", port(sender))
    print("接收方看到的源端口就是它:", set(seen) == {port(sender)})

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    sender.bind(("127.0.0.1", 0))  # 先 bind,发送之前端口就定了
    print("先 bind,发送之前已有端口:", port(sender) != 0)
