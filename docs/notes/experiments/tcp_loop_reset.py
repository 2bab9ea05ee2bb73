"""连上以后不告而别:SO_LINGER 设成 0,close 发的是 RST。用法:tcp_loop_reset.py 127.0.0.1:8080"""
import socket
import struct
import sys

host, port = sys.argv[1].rsplit(":", 1)
with socket.create_connection((host, int(port)), timeout=5) as client:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
print("连上以后,复位了连接")
