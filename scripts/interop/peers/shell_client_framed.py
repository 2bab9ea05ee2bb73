"""远程命令的客户端,先收 4 字节的长度。命令按 GBK 发,回答按 GBK 读。

长度不到 1,024 的只收一次;更长的每次收 1,024,可能多收。

用法:shell_client_framed.py 服务器地址
"""

import socket
import struct
import sys

from common_peer import address

with socket.socket() as stream:
    stream.connect(address(sys.argv[1]))
    while True:
        command = input("cmd:")
        stream.send(command.strip().encode("gbk"))
        if command == "bye":
            break
        size = struct.unpack("i", stream.recv(4))[0]
        received = 0
        answer = b""
        if size < 1024:
            answer = stream.recv(1024)
        else:
            while received < size:
                piece = stream.recv(1024)
                answer += piece
                received += len(piece)
        print()
        print(answer.decode("gbk"), flush=True)
