"""Linux:整个读进内存的服务器,和一块一块地发的服务器,内存最多用到多少。"""
import os
import socket
import tempfile

SIZE = 200 << 20
BLOCK = 64 << 10


def peak():
    """这个进程至今最多占的内存,MiB(proc(5) 的 VmHWM)。"""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024


def whole(file, sock):
    sock.sendall(file.read())


def blocks(file, sock):
    while block := file.read(BLOCK):
        sock.sendall(block)


with tempfile.TemporaryFile() as file:
    file.truncate(SIZE)
    for title, serve in (("整个读进来", whole), ("一块一块地", blocks)):
        client, server = socket.socketpair()
        if os.fork() == 0:  # 每种做法一个新的进程
            client.close()
            before = peak()
            file.seek(0)
            serve(file, server)
            print(f"{title}:发 200 MiB 的文件,内存多用了 {peak() - before} MiB", flush=True)
            os._exit(0)
        server.close()
        while client.recv(1 << 20):
            pass
        client.close()
        os.wait()
