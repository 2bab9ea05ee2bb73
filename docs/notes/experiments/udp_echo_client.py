"""UDP 回声客户端:每读一行发一个报文,打印回答。用法:udp_echo_client.py 127.0.0.1:8080"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.connect((host, int(port)))  # 只收这个服务器的报文
    client.settimeout(2)
    for line in sys.stdin:
        text = line.rstrip("\r\n")
        if text.strip() == "exit":
            break
        try:
            client.send(text.encode("utf-8"))
            print(client.recv(65535).decode("utf-8", "backslashreplace"), flush=True)
        except OSError as error:
            print("没有回答:", error, file=sys.stderr, flush=True)
