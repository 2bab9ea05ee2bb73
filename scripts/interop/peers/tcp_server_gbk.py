"""TCP 服务器:一位客户,按 GBK 收一次,答一次 thank you !。

用法:tcp_server_gbk.py 监听地址
"""

import socket
import sys

from common_peer import address, announce

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
    listener.bind(address(sys.argv[1]))
    listener.listen(128)
    announce(listener)
    sock, _ = listener.accept()
    with sock:
        print("接收到的数据为:", sock.recv(1024).decode("gbk"), flush=True)
        sock.send("thank you !".encode("gbk"))
