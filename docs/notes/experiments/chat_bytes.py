"""聊天室的字节:一位分帧,一位按行。用法:chat_bytes.py 127.0.0.1:8080(服务器要 --heartbeat 1)"""
import socket
import struct
import sys

host, port = sys.argv[1].rsplit(":", 1)


def frame(text):
    """4 字节的长度(网络字节序),然后是正文。"""
    body = text.encode()
    return struct.pack("!I", len(body)) + body


def join(first):
    """连上,说昵称,读掉欢迎。"""
    stream = socket.create_connection((host, int(port)), timeout=5)
    stream.sendall(first)
    stream.recv(4096)
    return stream


def heard(stream):
    return stream.recv(4096).hex(" ")


print("小明的第一句,分帧:", frame("小明").hex(" "))
framed = join(frame("小明"))
print("小红的第一句,按行:", "小红\n".encode().hex(" "))
lined = join("小红\n".encode())
framed.recv(4096)  # * 小红 来了
lined.sendall("在吗\n".encode())
print("小明听到小红说「在吗」:", heard(framed))
framed.sendall(frame("在"))
print("小红听到小明说「在」:", heard(lined))
print("1 秒没有声音,服务器问小明:", heard(framed))
framed.sendall(frame(""))  # 照样回一个
for stream in (framed, lined):
    stream.close()
