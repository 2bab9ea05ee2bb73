"""还有没读的字节就 close:已经交给系统、还没有送到的回答,也一起没有了。"""
import errno
import socket

ANSWER = bytes(1 << 18)  # 256 KiB,一时送不完


def received(question):
    """服务器只读 1024 字节,回答 ANSWER,关闭;客户收到了多少。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = socket.create_connection(listener.getsockname(), timeout=5)
        server, _ = listener.accept()
    with client, server:
        server.settimeout(5)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * len(ANSWER))
        client.sendall(question)
        server.recv(1024)
        sent = server.send(ANSWER)  # 只是交给了系统
        server.close()
        count = 0
        try:
            while data := client.recv(65536):
                count += len(data)
            return sent == len(ANSWER), count, "末尾"
        except OSError as error:
            return sent == len(ANSWER), count, errno.errorcode[error.errno]


for length in (1024, 1025):
    sent, count, end = received(b"x" * length)
    print(f"问 {length} 字节:回答都交给了系统 {sent},客户收到 {count} 字节,然后是{end}")
