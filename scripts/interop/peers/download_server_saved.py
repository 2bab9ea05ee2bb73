"""下载服务器:名字用 open 打开,什么错都当作没有这个文件;端口从命令行来。

用法:download_server_saved.py 监听地址 [编码]
"""

import socket
import sys

from common_peer import address, announce

encoding = sys.argv[2] if len(sys.argv) > 2 else "utf-8"


def content_of(name):
    try:
        return open(name, "rb").read()
    except:  # 连 Ctrl-C 也接住了:就是要这样
        print(f"没有下载的文件:{name}", flush=True)


listener = socket.socket()
listener.bind(address(sys.argv[1]))
listener.listen(128)
announce(listener)
while True:
    sock, _ = listener.accept()
    name = sock.recv(1024).decode(encoding)
    print(f"对方请求下载的文件名为:{name}", flush=True)
    if content := content_of(name):
        sock.send(content)
    sock.close()
