"""打电话的服务器:一位接一位,把听到的变成大写。只接住「连接被复位」,不看末尾。

用法:tcp_server_phone.py 监听地址
"""

import socket
import sys

from common_peer import address, announce

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as phone:
    phone.bind(address(sys.argv[1]))
    phone.listen(5)
    announce(phone)
    while True:
        sock, peer = phone.accept()
        print(peer, flush=True)
        while True:
            try:
                sock.send(sock.recv(1024).upper())
            except ConnectionResetError:
                break
        sock.close()
