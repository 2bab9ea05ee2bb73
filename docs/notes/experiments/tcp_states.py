"""Linux:走遍 TCP 的 11 个状态,每到一个就去 /proc/net/tcp 看一眼。"""
import select
import socket
import time

# 内核头文件 tcp_states.h 里的编号,就是 /proc/net/tcp 第 4 栏的十六进制数。
NAMES = {0x01: "ESTABLISHED", 0x02: "SYN-SENT", 0x03: "SYN-RECEIVED", 0x04: "FIN-WAIT-1",
         0x05: "FIN-WAIT-2", 0x06: "TIME-WAIT", 0x08: "CLOSE-WAIT", 0x09: "LAST-ACK",
         0x0A: "LISTEN", 0x0B: "CLOSING"}


def code_of(local, remote):
    """在 /proc/net/tcp 里找这一对端点的那一行,取状态的编号。"""
    words = ["%08X:%04X" % (int.from_bytes(socket.inet_aton(ip), "little"), port) for ip, port in (local, remote)]
    with open("/proc/net/tcp", encoding="ascii") as table:
        return next((line.split()[3] for line in table if line.split()[1:3] == words), None)


def show(title, want, local, remote=("0.0.0.0", 0)):
    """等到 want(至多 2 秒:确认可能晚 40 毫秒),再打印真正看到的。"""
    deadline = time.monotonic() + 2
    while True:
        code = code_of(local, remote)
        name = NAMES[int(code, 16)] if code else "CLOSED"
        if name == want or time.monotonic() > deadline:
            break
        time.sleep(0.01)
    print(f"{title}:{code or '没有这一行'} {name}")


def connection():
    """一条回环上的连接:甲(连接的一头)、乙(accept 的一头),和它们的端点。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        a = socket.create_connection(listener.getsockname(), timeout=2)
        b = listener.accept()[0]
    b.settimeout(2)
    return a, b, a.getsockname(), b.getsockname()


def stuff(sock):
    """一直写到两边的缓冲都满:后面再发的 FIN 只能排在这些字节后面。"""
    sock.setblocking(False)
    while select.select([], [sock], [], 0.2)[1]:
        sock.send(bytes(65536))
    sock.settimeout(2)


def drain(sock):
    """收到对方的 FIN 为止。"""
    while sock.recv(1 << 20):
        pass


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
show("只 bind", "CLOSED", listener.getsockname())
listener.listen(0)
server = listener.getsockname()
show("listen 之后", "LISTEN", server)
clients = [socket.socket() for _ in range(2)]
for client in clients:  # 队列里放得下 0+1 个,第二个的 SYN 被丢弃
    client.setblocking(False)
    client.connect_ex(server)
show("队列满时的客户端", "SYN-SENT", clients[1].getsockname(), server)
clients[1].close()
clients[0].close()
listener.close()

listener = socket.socket()  # 推迟接受:没有数据的 ACK 不算数,停在半路上(Linux 的选项)
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
listener.bind(("127.0.0.1", 0))
listener.listen()
client = socket.create_connection(listener.getsockname(), timeout=2)
show("还缺最后一个 ACK 的服务器", "SYN-RECEIVED", listener.getsockname(), client.getsockname())
client.close()
listener.close()

a, b, at, bt = connection()
show("握手之后", "ESTABLISHED", at, bt)
a.shutdown(socket.SHUT_WR)  # 甲先说完
b.recv(1)
show("甲说完,FIN 已确认:甲", "FIN-WAIT-2", at, bt)
show("甲说完,乙还没有 close:乙", "CLOSE-WAIT", bt, at)
stuff(b)  # 乙还有话,甲不收
b.close()
show("乙也 close,FIN 没有确认:乙", "LAST-ACK", bt, at)
drain(a)
show("甲收到乙的 FIN:甲", "TIME-WAIT", at, bt)
show("乙的 FIN 已确认:乙", "CLOSED", bt, at)
a.close()

a, b, at, bt = connection()
stuff(a)
a.shutdown(socket.SHUT_WR)  # FIN 排在发不出去的字节后面
show("甲说完,FIN 没有确认:甲", "FIN-WAIT-1", at, bt)
b.shutdown(socket.SHUT_WR)  # 乙也先说完:同时关闭
a.recv(1)
show("这时收到乙的 FIN:甲", "CLOSING", at, bt)
drain(b)  # 甲的字节和 FIN 终于到了
show("甲的 FIN 已确认:甲", "TIME-WAIT", at, bt)
show("同时关闭,乙也要等:乙", "TIME-WAIT", bt, at)
a.close()
b.close()
