"""路上只看不改的人看得见什么:一个转发的程序,记下两个方向的字节。要先有 server.pem、server.key。"""
import socket
import ssl
import threading

SECRET = b"the password is swordfish"


def forward(source, sink, copy):
    """一个方向:收到什么转发什么,记一份。"""
    while data := source.recv(65536):
        copy += data
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)


def talk(version):
    """客户—转发—服务器,说一句秘密;返回转发的人看到的全部字节。"""
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain("server.pem", "server.key")
    inside.set_alpn_protocols(["shell/1"])
    outside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    outside.load_verify_locations("server.pem")
    outside.check_hostname = False
    outside.set_alpn_protocols(["shell/1"])
    outside.maximum_version = version
    pairs = [socket.socketpair(), socket.socketpair()]
    for sock in pairs[0] + pairs[1]:
        sock.settimeout(5)
    (client, left), (right, server) = pairs
    seen = bytearray()
    threads = [threading.Thread(target=forward, args=way) for way in ((left, right, seen), (right, left, seen))]

    def serve():
        with inside.wrap_socket(server, server_side=True) as tls:
            tls.sendall(tls.recv(1024).upper())

    threads.append(threading.Thread(target=serve))
    for thread in threads:
        thread.start()
    with outside.wrap_socket(client, server_hostname="shell.example") as tls:
        tls.sendall(SECRET)
        assert tls.recv(1024) == SECRET.upper()
    for thread in threads:
        thread.join(5)
    for sock in (left, right):
        sock.close()
    return bytes(seen)


for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    seen = talk(version)
    parts = {"名字": b"shell.example", "ALPN": b"shell/1", "证书": b"cert.example", "秘密": SECRET}
    print(version.name, {name: part in seen for name, part in parts.items()})
