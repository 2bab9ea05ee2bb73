"""保活(keepalive):多久才问,问的是谁(Linux)。"""
import select
import socket
import struct
import time

TIMES = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)


def last_ack(stream):
    """多少毫秒以前收到过 ACK:tcp_info 的第 13 个 u32,前面还有 8 个字节。"""
    return struct.unpack_from("I", stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 56)[0]


with socket.create_server(("127.0.0.1", 0)) as listener:
    stream = socket.create_connection(listener.getsockname(), timeout=2)
    print("默认开着吗:", bool(stream.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)))
    idle, every, count = (stream.getsockopt(socket.IPPROTO_TCP, option) for option in TIMES)
    print(f"开了以后:沉默 {idle} 秒才问,每 {every} 秒再问,{count} 次没有回答才算断:{idle + every * count} 秒")
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option in TIMES:
        stream.setsockopt(socket.IPPROTO_TCP, option, 1)
    # 对方的程序一直没有 accept,更没有读:就像死循环了。
    waiter = select.poll()
    waiter.register(stream, select.POLLIN)
    start = time.monotonic()
    events = waiter.poll(3500)
    print(f"每秒问一次,等了 {time.monotonic() - start:.1f} 秒,发现断了吗:", bool(events))
    print("刚刚还收到过 ACK:", last_ack(stream) < 1500)
    stream.close()
