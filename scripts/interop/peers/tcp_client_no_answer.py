"""TCP 客户端:连上,发送一行,不等回答就关闭。

用法:tcp_client_no_answer.py 服务器地址
"""

import socket
import sys

from common_peer import address

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
    sock.connect(address(sys.argv[1]))
    text = input("请输入你要发送的消息:")
    sock.send(text.encode("utf-8"))
