"""select 的上限,和总是“就绪”的普通文件。"""
import errno
import fcntl
import resource
import select
import socket
import tempfile

_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
ours, theirs = socket.socketpair()
high = fcntl.fcntl(ours, fcntl.F_DUPFD, 1024)  # 同一个套接字,编号不小于 1024
theirs.sendall(b"hello")
try:
    select.select([high], [], [], 0)
except ValueError as error:
    print("select,描述符", high, ":", error)
poll = select.poll()
poll.register(high, select.POLLIN)
print("poll:就绪", len(poll.poll(0)), "个")
with select.epoll() as epoll, tempfile.TemporaryFile() as file:
    epoll.register(high, select.EPOLLIN)
    print("epoll:就绪", len(epoll.poll(0)), "个")
    print("空的普通文件,select 说可读:", select.select([file], [], [], 0)[0] == [file], "读到", file.read())
    try:
        epoll.register(file, select.EPOLLIN)
    except OSError as error:
        print("普通文件,epoll:", errno.errorcode[error.errno])
