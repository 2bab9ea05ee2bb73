"""发出去以后改文件:对方收到的是改以前的,还是改以后的?"""
import os
import socket
import tempfile

SIZE = 16 * 1024  # 四页;放得进接收缓冲,不用等对方收


def receive(connection):
    connection.shutdown(socket.SHUT_WR)
    with connection:
        peer.settimeout(2)
        data = b""
        while more := peer.recv(SIZE):
            data += more
    return data


for title in ["read + send", "sendfile"]:
    with tempfile.TemporaryFile() as file, socket.socket() as listener:
        file.write(b"a" * SIZE)
        file.flush()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        peer = socket.create_connection(listener.getsockname(), timeout=2)
        connection, _ = listener.accept()
        if title == "sendfile":
            sent = os.sendfile(connection.fileno(), file.fileno(), 0, SIZE)
        else:
            sent = connection.send(os.pread(file.fileno(), SIZE, 0))
        os.pwrite(file.fileno(), b"b" * SIZE, 0)  # 已经“发出”,对方还没有收
        data = receive(connection)
        peer.close()
    print(f"{title}:发出 {sent} 字节,然后改文件;对方收到 {data[:4]}……,改过的 {data.count(b'b')} 字节")
