"""1000 条连接,一个线程一条,或者一个事件循环:内存和切换各多少。服务器在子进程里,客户在父进程里。"""
import os
import resource
import selectors
import socket
import threading
from pathlib import Path

COUNT, ROUNDS = 1000, 5
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))


def echo(sock):
    """一个线程只管一条连接。"""
    while data := sock.recv(1024):
        sock.sendall(data)


def serve_threads(socks):
    """一条连接一个线程。"""
    for sock in socks:
        threading.Thread(target=echo, args=(sock,), daemon=True).start()
    threading.Event().wait()


def serve_loop(socks):
    """所有连接一个线程。"""
    selector = selectors.DefaultSelector()
    for sock in socks:
        selector.register(sock, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            key.fileobj.sendall(key.fileobj.recv(1024))


def usage(pid):
    """进程占的内存(KiB)、地址空间(KiB)和线程睡过的次数。"""
    def number(path, name):
        lines = Path(path).read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name))
    tasks = list(Path(f"/proc/{pid}/task").iterdir())
    sleeps = sum(number(task / "status", "voluntary_ctxt_switches") for task in tasks)
    return number(f"/proc/{pid}/status", "VmRSS"), number(f"/proc/{pid}/status", "VmSize"), sleeps


def measure(title, serve):
    """每一轮,每位客户各问一次,再逐个收回答。"""
    pairs = [socket.socketpair() for _ in range(COUNT)]
    pid = os.fork()
    if pid == 0:
        try:
            serve([server for _, server in pairs])
        finally:
            os._exit(0)
    try:
        clients = [client for client, _ in pairs]
        for client in clients:
            client.settimeout(10)
            client.sendall(b"x")
        for client in clients:  # 全都答过一次:服务器准备好了
            client.recv(1)
        *_, before = usage(pid)
        for _ in range(ROUNDS):
            for client in clients:
                client.sendall(b"x")
            for client in clients:
                client.recv(1)
        memory, space, after = usage(pid)
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        for pair in pairs:
            for sock in pair:
                sock.close()
    sleeps = (after - before) / (COUNT * ROUNDS)
    print(f"{title}:内存 {memory / 1024:.0f} MiB,地址空间 {space / 1024:.0f} MiB,每个回答睡 {sleeps:.2f} 次")
    return memory, sleeps


threads, loop = measure("一条一个线程", serve_threads), measure("一个事件循环", serve_loop)
print("线程用的内存多:", threads[0] > loop[0], "睡的次数多:", threads[1] > loop[1])
