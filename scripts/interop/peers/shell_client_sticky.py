"""远程命令的客户端,没有边界:一个命令收一次。

用法:shell_client_sticky.py 服务器地址
"""

import socket
import sys

from common_peer import address

with socket.socket() as stream:
    stream.connect(address(sys.argv[1]))
    while True:
        command = input("cmd:")
        stream.send(command.strip().encode("utf-8"))
        if command == "bye":
            break
        print(stream.recv(1024).decode("utf-8"), flush=True)
