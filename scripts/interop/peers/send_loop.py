"""循环发送,输入 exit 结束:一行一个数据报,空行发空数据报。

用法:send_loop.py 目标地址 [编码] [本机地址]
给了本机地址就先绑定再发送,源端口就是它。
"""

import socket
import sys

from common_peer import address

target = address(sys.argv[1])
encoding = sys.argv[2] if len(sys.argv) > 2 else "utf-8"

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    if len(sys.argv) > 3:
        sock.bind(address(sys.argv[3]))
    while True:
        text = input("请输入你要发送的数据:")
        if text == "exit":
            break
        sock.sendto(text.encode(encoding), target)
