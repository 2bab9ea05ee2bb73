"""TCP 的几个方法:谁是谁、出错怎样报、关闭以后读到什么。"""
import errno
import socket


def connection():
    """一条回环上的连接:客户端一头,服务器一头。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = socket.create_connection(listener.getsockname(), timeout=2)
        server, _ = listener.accept()
    server.settimeout(2)
    return client, server


with socket.socket() as nobody:  # 要一个端口再还回去:上面没有人
    nobody.bind(("127.0.0.1", 0))
    closed = nobody.getsockname()
with socket.socket() as client:
    print("connect_ex 到没人的端口:", errno.errorcode[client.connect_ex(closed)])

client, server = connection()
with client, server:
    print("客户端的本地地址就是服务器看到的远端:", client.getsockname() == server.getpeername())
    client.sendall(b"hello")
    print("recvfrom 用在 TCP 上:", server.recvfrom(1024))
    with client.makefile("w", encoding="utf-8", newline="\n") as lines:
        lines.write("第一行\n第二行\n")
    with server.makefile("r", encoding="utf-8", newline="\n") as lines:
        print("makefile 按行读:", lines.readline().strip(), lines.readline().strip())
    client.shutdown(socket.SHUT_WR)  # 我说完了,但还听
    print("对方 shutdown 之后 recv:", server.recv(1024))
    server.sendall(b"still here")
    print("说完的一方还能收:", client.recv(1024))
