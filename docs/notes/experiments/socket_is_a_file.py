"""套接字是不是文件:在 Unix 上是描述符,能 read 和 write,但没有“位置”也没有“大小”。"""
import errno
import os
import socket
import stat

ours, theirs = socket.socketpair()
with ours, theirs:
    os.write(ours.fileno(), b"hello")  # 与写文件同一个系统调用
    print("os.read:", os.read(theirs.fileno(), 1024))
    info = os.fstat(ours.fileno())
    print("类型是套接字:", stat.S_ISSOCK(info.st_mode), "大小:", info.st_size)
    try:
        os.lseek(ours.fileno(), 0, os.SEEK_SET)
    except OSError as error:
        print("lseek:", errno.errorcode[error.errno])
    os.write(ours.fileno(), b"ab")
    print("读过的不能再读,只有新的:", os.read(theirs.fileno(), 1024))
