"""同一个 5,000 字节的文件:只收一次,和收到末尾。"""
import socket

CONTENT = bytes(5000)


def pieces(loop):
    """每次收到多少。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = socket.create_connection(listener.getsockname(), timeout=5)
        server, _ = listener.accept()
    with client:
        with server:
            server.sendall(CONTENT)
        got = [len(client.recv(1024))]
        while loop and (piece := client.recv(1024)):
            got.append(len(piece))
        return got


print("recv 一次:", pieces(loop=False))
got = pieces(loop=True)
print("recv 到末尾:", got, "合计", sum(got))
