"""收 UDP 报文并打印。用法:udp_recv.py 127.0.0.1:8080 [个数] [编码]"""
import socket
import sys


def visible(text):
    """控制字符写成 \\n、\\x1b 的样子:原样打印,陌生人就能改你的屏幕。"""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


host, port = sys.argv[1].rsplit(":", 1)
count = int(sys.argv[2]) if len(sys.argv) > 2 else 1
encoding = sys.argv[3] if len(sys.argv) > 3 else "utf-8"
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
    receiver.bind((host, int(port)))
    print("监听 %s:%d" % receiver.getsockname(), flush=True)
    for _ in range(count):
        data, (ip, source) = receiver.recvfrom(65535)
        text = visible(data.decode(encoding, "backslashreplace"))
        print(f"{ip}:{source} 发送了:{text}", flush=True)
