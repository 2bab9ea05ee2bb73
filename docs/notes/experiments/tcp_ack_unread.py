"""send 返回、ACK 到达,都不说明对方的程序读了。"""
import array
import errno
import fcntl
import select
import socket
import termios
import time

DATA = bytes(5000)


def queued(sock, request):
    """套接字的队列里有几个字节:TIOCOUTQ 是还没有确认的,FIONREAD 是还没有读的。"""
    size = array.array("i", [0])
    fcntl.ioctl(sock, request, size)
    return size[0]


def attempt(action):
    """执行 action,返回结果或错误的名字。"""
    try:
        return action()
    except OSError as error:
        return errno.errorcode[error.errno]


with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    sender = socket.create_connection(listener.getsockname(), timeout=2)
    # 没有人 accept:对方的程序还不知道有这条连接。
    print("对方的程序还没有 accept,send:", sender.send(DATA))
    deadline = time.monotonic() + 2
    while queued(sender, termios.TIOCOUTQ) and time.monotonic() < deadline:
        time.sleep(0.001)
    print("没有确认的:", queued(sender, termios.TIOCOUTQ), "——内核全都确认了")
    receiver, _ = listener.accept()
with sender, receiver:
    print("对方的程序没有读的:", queued(receiver, termios.FIONREAD))
    receiver.close()  # 一个字节也没有读,就关了
    waiter = select.poll()
    waiter.register(sender, 0)  # 等错误:RST 到了
    waiter.poll(2000)
    print("对方没读就关,发送方才知道:", attempt(lambda: sender.recv(1)))
