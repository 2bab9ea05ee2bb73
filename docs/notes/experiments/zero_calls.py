"""把 8 MiB 的文件送进套接字:要调用几次系统,多少字节经过程序的内存?"""
import os
import socket
import tempfile
import threading

SIZE = 8 << 20
BUFFER = 8 * 1024


def drain(listener, received):
    peer, _ = listener.accept()
    with peer:
        while data := peer.recv(1 << 16):
            received.append(len(data))


def read_send(file, connection):
    """每块一次 read、一次 send。"""
    calls = through = 0
    while data := os.read(file.fileno(), BUFFER):
        connection.sendall(data)
        calls += 2
        through += len(data)
    return calls, through


def sendfile(file, connection):
    """内核自己从页缓存取;阻塞的套接字,一次尽量发完。"""
    calls = offset = 0
    while offset < SIZE:
        offset += os.sendfile(connection.fileno(), file.fileno(), offset, SIZE - offset)
        calls += 1
    return calls, 0


with tempfile.TemporaryFile() as file:
    file.write(os.urandom(SIZE))
    file.flush()
    for way in [read_send, sendfile]:
        file.seek(0)
        received = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=drain, args=(listener, received))
            thread.start()
            with socket.create_connection(listener.getsockname()) as connection:
                calls, through = way(file, connection)
            thread.join(10)
        print(f"{way.__name__}:调用 {calls} 次,{through} 字节经过程序;对方收到 {sum(received)} 字节")
