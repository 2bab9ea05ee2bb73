"""按行加入聊天室,代替 nc:打的每一行发出去,来的每一行显示。用法:chat_lines.py 127.0.0.1:8080"""
import socket
import sys
import threading

IDLE = 600  # 秒:和服务器对按行的成员的期限一样


def show(stream):
    """来多少显示多少;都是字节,半个汉字也不要紧。"""
    try:
        while data := stream.recv(4096):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
    except OSError as error:
        print("连接断了:", error)


host, port = sys.argv[1].rsplit(":", 1)
with socket.create_connection((host, int(port)), timeout=IDLE) as stream:
    listener = threading.Thread(target=show, args=(stream,))
    listener.start()
    for line in sys.stdin.buffer:
        stream.sendall(line)
    stream.shutdown(socket.SHUT_WR)  # 我说完了,还听
    listener.join()
