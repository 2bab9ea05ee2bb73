"""还有没读的字节就关闭:变成复位,已经发出的回答也可能收不到。"""
import socket
import threading

ANSWER = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def serve(listener, drains):
    stream, _ = listener.accept()
    with stream:
        stream.settimeout(5)
        stream.recv(100)  # 只看了头
        stream.sendall(ANSWER)
        if drains:
            stream.shutdown(socket.SHUT_WR)  # 我说完了
            while stream.recv(65536):  # 把他还在发的读掉,直到他也说完
                pass


def experiment(title, drains):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, drains))
        thread.start()
        with socket.create_connection(listener.getsockname(), timeout=5) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n")
            sent = 0
            try:
                for _ in range(30):
                    client.sendall(bytes(100))
                    sent += 100
                client.shutdown(socket.SHUT_WR)
                status = client.makefile("rb").read().split()[1].decode()
                thread.join(5)
                print(f"{title}:正文发完了,回答 {status}")
            except OSError:  # 有时是 ConnectionResetError,有时是 BrokenPipeError
                print(f"{title}:连接坏了,没有收到回答")
        thread.join(5)


experiment("答了马上关闭    ", False)
experiment("先半关闭,读完再关", True)
