"""银行柜台:一位可以办很多件事。它不认得末尾,还往断了的连接上发,整个服务器因此退出。

用法:tcp_server_each_many.py 监听地址
"""

import socket
import sys

from common_peer import address, announce

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
    listener.bind(address(sys.argv[1]))
    listener.listen(128)
    announce(listener)
    while True:
        sock, peer = listener.accept()
        print("链接的客户端地址为:", peer, flush=True)
        with sock:
            while True:
                received = sock.recvfrom(1024)
                print(received, flush=True)
                # 得到的是 (内容, None):一对东西总是「真」,末尾也走不到 break。
                if not received:
                    break
                sock.send(b"hahahah")
