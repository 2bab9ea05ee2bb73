"""Linux:SO_REUSEADDR 让得过什么,SO_REUSEPORT 又是什么。"""
import errno
import socket

socket.setdefaulttimeout(5)  # 哪一步都不会永远等下去

ADDR, PORT = socket.SO_REUSEADDR, socket.SO_REUSEPORT


def listening(port, *options):
    """设好选项,绑定,监听;绑不上就说为什么。"""
    sock = socket.socket()
    for option in options:
        sock.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        sock.bind(("127.0.0.1", port))
        sock.listen()
        return sock, "可以"
    except OSError as error:
        return sock, errno.errorcode[error.errno]


def another(title, *options, then=lambda first: None):
    """第一个监听着,then 做点什么,再来第二个。"""
    first = listening(0, *options)[0]
    port = first.getsockname()[1]
    kept = then(first)
    second, result = listening(port, *options)
    print(f"{title}:{result}")
    return first, second, kept


def leave_connection(listener):
    """留下一条还开着的连接,关掉监听。"""
    client = socket.create_connection(listener.getsockname(), timeout=2)
    server = listener.accept()[0]
    listener.close()
    return client, server


another("前一个还在监听,都没有设")
another("前一个还在监听,都设 SO_REUSEADDR", ADDR)
another("前一个关了监听,连接还开着,都没有设", then=leave_connection)
another("前一个关了监听,连接还开着,都设 SO_REUSEADDR", ADDR, then=leave_connection)
first, second, _ = another("前一个还在监听,都设 SO_REUSEPORT", PORT)

clients = [socket.create_connection(first.getsockname(), timeout=2) for _ in range(100)]
shares = []
for listener in (first, second):
    listener.setblocking(False)
    shares.append(0)
    try:
        while listener.accept():
            shares[-1] += 1
    except BlockingIOError:
        pass
print("100 个客户,两个监听都分到:", min(shares) > 0, "一共:", sum(shares))
