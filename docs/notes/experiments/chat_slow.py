"""有一位一直不收:别人一句不少,他离开。用法:chat_slow.py 127.0.0.1:8080(服务器要 --queue 131072)"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
ENOUGH = 20_000  # 句:还没有请他走,就是没有上限


def join(name, small=False):
    """按行加入;small 的接收缓冲区很小,不收就很快装满。"""
    stream = socket.socket()
    stream.settimeout(10)
    if small:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stream.connect((host, int(port)))
    stream.sendall(name.encode() + b"\n")
    lines = stream.makefile(encoding="utf-8", newline="\n")
    lines.readline()  # * 欢迎
    return stream, lines


listener, heard = join("旁听")
slow, unheard = join("慢", small=True)
speaker, _ = join("说")
wanted, notice = 0, None
for number in range(ENOUGH):
    speaker.sendall(f"第 {number} 句".encode() + b"." * 1000 + b"\n")
    while line := heard.readline().rstrip(".\n"):
        if line == f"说:第 {wanted} 句":
            wanted += 1
            break
        if "掉线" in line:
            notice = line
    if notice:
        break
print("旁听的人听到:", notice)
print("在那以前和以后,一句不少,次序不变:", wanted == number + 1)
try:
    while unheard.readline():
        pass
except ConnectionResetError:
    pass  # 还没有送到的不再送
print("慢的连接断了")
