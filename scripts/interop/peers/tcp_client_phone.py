"""打电话的客户端:一行一句,空行不说,每句等一次回答。

它不看 recv 是不是得到了末尾。

用法:tcp_client_phone.py 服务器地址
"""

import socket
import sys

from common_peer import address

with socket.socket() as phone:
    phone.connect(address(sys.argv[1]))
    while True:
        try:
            message = input(">>: ").strip()
        except EOFError:
            break
        if not message:
            continue
        phone.send(message.encode("utf-8"))
        print(phone.recv(1024).decode("utf-8"), flush=True)
