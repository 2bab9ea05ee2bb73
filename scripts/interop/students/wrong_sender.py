"""错误:行尾的换行也发出去,exit 前后有空白就不认得,空行不发。"""

import socket
import sys

import options

args = options.read()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    for line in sys.stdin:
        if line == "exit\n":
            break
        if line != "\n":
            sock.sendto(line.encode(), args.address)
