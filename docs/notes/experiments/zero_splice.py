"""splice 的两端必须有一端是管道:套接字和文件之间要搬两次。"""
import errno
import os
import socket
import tempfile

TEXT = b"0123456789" * 1000

left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
with left, right, tempfile.TemporaryFile() as file:
    left.sendall(TEXT)
    try:
        os.splice(right.fileno(), file.fileno(), len(TEXT))
    except OSError as error:
        print("套接字 → 文件:", errno.errorcode[error.errno])
    reader, writer = os.pipe()
    into = os.splice(right.fileno(), writer, len(TEXT))
    out = os.splice(reader, file.fileno(), into)
    print("套接字 → 管道:", into, "字节;管道 → 文件:", out, "字节")
    file.seek(0)
    print("文件里的和发的一样:", file.read() == TEXT)
    os.close(reader)
    os.close(writer)
