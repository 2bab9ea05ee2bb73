"""问一句,看服务器怎样挂断。用法:tcp_once_unread.py 127.0.0.1:8080 --bytes 2000"""
import errno
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
length = int(sys.argv[3])
with socket.create_connection((host, int(port)), timeout=5) as client:
    client.sendall(b"x" * length)
    received, end = 0, "流的末尾"
    try:
        while data := client.recv(65536):
            received += len(data)
    except OSError as error:
        end = errno.errorcode[error.errno]
    print(f"发出 {length} 字节,收到 {received} 字节,然后是{end}")
