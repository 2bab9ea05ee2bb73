"""服务器的四步:每走一步,客户能不能连上。"""
import errno
import socket


def attempt(title, action):
    """做一件事,说明成败。"""
    try:
        print(f"{title}:{action()}")
    except OSError as error:
        print(f"{title}:{errno.errorcode[error.errno]}")


def connect(address):
    """连过去,马上挂断。"""
    socket.create_connection(address, timeout=2).close()
    return "连上了"


with socket.socket() as early:  # 没有 bind 就 listen
    early.listen()
    print("没有 bind 就 listen,系统挑了端口:", early.getsockname()[1] > 0)

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    address = listener.getsockname()
    attempt("bind 以后,客户 connect", lambda: connect(address))
    attempt("没有 listen 就 accept", listener.accept)
    listener.listen()
    attempt("listen 以后,还没有 accept,客户 connect", lambda: connect(address))
    listener.accept()[0].close()  # 刚才那位,在队列里等着
    with socket.create_connection(address, timeout=2) as client:
        server, peer = listener.accept()
        print("accept 给的地址就是客户的地址:", peer == client.getsockname())
        print("新套接字的本地地址与监听的相同:", server.getsockname() == address)
        print("是两个套接字:", server.fileno() != listener.fileno())
        attempt("从监听套接字 recv", lambda: listener.recv(1024))
        server.close()
