"""会说长话的服务器:"数"回答 1500 字节,"你"回答 1026 字节,别的变成大写。

用法:tcp_session_long.py 127.0.0.1:8080
"""
import socket
import sys
import time

NUMBERS = "".join(f"{offset:04} " for offset in range(0, 1500, 5))  # 写着自己在第几个字节
LONG = {"数": NUMBERS, "你": "你" * 342}

host, port = sys.argv[1].rsplit(":", 1)
with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    listener.listen()
    print("监听 %s:%d" % listener.getsockname(), flush=True)
    stream, _ = listener.accept()
    with stream:
        while data := stream.recv(1024):
            question = data.decode("utf-8")
            time.sleep(0.5)  # 想一想再回答:在这之前,客户收到的只有上次剩下的
            stream.sendall(LONG.get(question, question.upper()).encode("utf-8"))
