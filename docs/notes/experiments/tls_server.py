"""只说 TLS 1.3 的服务器,收一句,大写了发回去。用法:tls_server.py 127.0.0.1:4433 证书 密钥"""
import signal
import socket
import ssl
import sys

signal.alarm(30)  # 没有人来,也不会永远等下去
host, port = sys.argv[1].rsplit(":", 1)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.load_cert_chain(sys.argv[2], sys.argv[3])
with socket.create_server((host, int(port))) as listener:
    print("监听 %s:%d" % listener.getsockname(), flush=True)
    while True:
        stream, _ = listener.accept()
        stream.settimeout(5)
        try:
            with context.wrap_socket(stream, server_side=True) as tls:
                message = tls.recv(1024)
                print(f"{tls.version()},说:{message.decode().strip()}", flush=True)
                tls.sendall(message.upper())
                tls.unwrap()
        except OSError as error:
            print("没有握成手:", getattr(error, "reason", error), flush=True)
