"""连上服务器,说给定的几个字节(可以什么也不说),然后不动。用法:web_hold.py 127.0.0.1:8080 [文字];60 秒以后自己走。"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
text = " ".join(sys.argv[2:])
with socket.create_connection((host, int(port)), timeout=60) as stream:
    stream.sendall(text.encode())
    print(f"连上了,说了 {len(text.encode())} 字节,不动了", flush=True)
    try:
        while data := stream.recv(65536):
            print("收到", len(data), "字节", flush=True)
        print("服务器关闭了连接")
    except (TimeoutError, KeyboardInterrupt):
        print("我走了")
    except OSError:
        print("服务器复位了连接")
