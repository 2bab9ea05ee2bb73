"""对方的 recv 读到什么:FIN 是空,RST 是错误,什么也没发就一直等。"""
import os
import select
import socket
import struct


def connection():
    """一条回环上的连接:先关的一头,看着的一头。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        closer = socket.create_connection(listener.getsockname(), timeout=2)
        watcher = listener.accept()[0]
    watcher.settimeout(0.5)
    return closer, watcher


def see(title, watcher):
    """看着的一头收一次。"""
    try:
        print(f"{title}:{watcher.recv(1024)}")
    except TimeoutError:
        print(f"{title}:什么也没有,连接还在")
    except ConnectionResetError:
        print(f"{title}:ECONNRESET")
    watcher.close()


closer, watcher = connection()
closer.close()
see("收完了再 close,发 FIN", watcher)

closer, watcher = connection()
watcher.sendall(b"never read")
closer.recv(4)  # 只读了 4 个字节,还剩 6 个
closer.close()
see("没收完就 close,发 RST", watcher)

closer, watcher = connection()
closer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
closer.close()
see("SO_LINGER 为 0 的 close,发 RST", watcher)

closer, watcher = connection()
copy = os.dup(closer.fileno())  # fork 出的子进程也有这样一份
closer.close()
see("还有一份描述符,close 不发", watcher)
os.close(copy)

closer, watcher = connection()
closer.shutdown(socket.SHUT_WR)  # 我说完了,但还听
print("shutdown 之后对方读到:", watcher.recv(1024))
watcher.sendall(b"answer after your FIN")
print("说完的一方还能收:", closer.recv(1024))
closer.close()
watcher.close()

closer, watcher = connection()
closer.close()
print("对方 close 以后,第一次 send 写进字节:", watcher.send(b"x"))
poll = select.poll()
poll.register(watcher, 0)  # 只等出错:RST 到了
poll.poll(2000)
try:
    watcher.send(b"y")
except BrokenPipeError:
    print("第二次 send:EPIPE")
watcher.close()
