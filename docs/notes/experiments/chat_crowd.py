"""许多不说话的成员,服务器要多少线程和内存(Linux)。用法:chat_crowd.py 127.0.0.1:8080 1000"""
import os
import resource
import selectors
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


def drain():
    """谁来了的通知,都收下:每人要收「后来的人数」那么多条。安静了 0.2 秒就当作收完了。"""
    while ready := selector.select(0.2):
        for key, _ in ready:
            if not key.fileobj.recv(65536):
                sys.exit("服务器挂断了一位")


soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 50)), hard))
process = server()
before = status(process)
with selectors.DefaultSelector() as selector:
    for number in range(count):
        member = socket.create_connection((host, int(port)), timeout=10)
        selector.register(member, selectors.EVENT_READ)
        member.sendall(b"m%d\n" % number)
        if number % 100 == 99:
            drain()
    drain()
    after = status(process)
    threads, memory = (now - then for now, then in zip(after, before))
    print(f"{count} 位成员:每位 {threads / count:g} 个线程,{memory / count:.1f} KiB;一共 {after[1] / 1024:.1f} MiB")
    for key in list(selector.get_map().values()):
        key.fileobj.close()
