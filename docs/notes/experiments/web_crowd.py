"""许多问过一次、留着不再说话的连接,服务器要多少线程和内存(Linux)。用法:web_crowd.py 127.0.0.1:8080 1000"""
import os
import resource
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
count = int(sys.argv[2])


def server():
    """监听这个端口的进程:/proc/net/tcp 里有套接字的编号,/proc/PID/fd 里有谁拿着它(proc(5))。"""
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    inode = next(row[9] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == int(port))
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            files = [os.readlink(f"/proc/{process}/fd/{fd}") for fd in os.listdir(f"/proc/{process}/fd")]
        except OSError:
            continue  # 别人的进程,或者刚刚结束
        if f"socket:[{inode}]" in files:
            return process
    sys.exit("没有找到服务器")


def status(process):
    """线程数,实际占用的 KiB。"""
    with open(f"/proc/{process}/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return [int(fields[name].split()[0]) for name in ("Threads", "VmRSS")]


def ask(client):
    """问一次,收完回答,连接留着。"""
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := client.recv(65536)):
            sys.exit("服务器挂断了一位")
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += client.recv(65536)


def connect():
    client = socket.create_connection((host, int(port)), timeout=10)
    ask(client)
    return client


soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 50)), hard))
process = server()
first = connect()
before = status(process)
clients = [connect() for _ in range(count)]
after = status(process)
threads, memory = (now - then for now, then in zip(after, before))
print(f"{count} 条闲着的连接:多了 {threads} 个线程,每条 {memory / count:.1f} KiB;一共 {after[1] / 1024:.1f} MiB")
for client in [first, *clients]:
    ask(client)
print("每一条都还能问")
