"""一个汉字切成两半:服务器发 342 个“你”(1026 字节),客户端 recv(1024) 一次就解码。"""
import codecs
import socket
import time

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    client = socket.create_connection(listener.getsockname(), timeout=2)
    server, _ = listener.accept()
with client, server:
    server.sendall(("你" * 342).encode())
    server.shutdown(socket.SHUT_WR)
    time.sleep(0.2)  # 全都到了
    pieces = []
    while piece := client.recv(1024):
        pieces.append(piece)
print("收到几块、各几字节:", [len(piece) for piece in pieces])
for number, piece in enumerate(pieces, 1):
    try:
        print(f"第 {number} 块单独解码:{piece.decode()}")
    except UnicodeDecodeError as error:
        print(f"第 {number} 块单独解码:第 {error.start} 字节出错,{error.reason}")
print("收齐了再解码:", len(b"".join(pieces).decode()), "个字")
decoder = codecs.getincrementaldecoder("utf-8")()  # 半个字先留着,等下一块
print("增量解码:", " + ".join(str(len(decoder.decode(piece))) for piece in pieces), "个字")
print("出错就换成 �:", sum(piece.decode(errors="replace").count("�") for piece in pieces), "个乱码")
