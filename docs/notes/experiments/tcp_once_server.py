"""只会一问一答的 TCP 服务器,收的时候用了 recvfrom。用法:tcp_once_server.py 127.0.0.1:8080"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    listener.listen(128)
    print("监听 %s:%d" % listener.getsockname(), flush=True)
    stream, peer = listener.accept()
    with stream:
        print("连上了:", peer, flush=True)
        print(stream.recvfrom(1024), flush=True)
        stream.sendall(b"hahahah")
