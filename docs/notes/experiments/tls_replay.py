"""重放:把别人说过的字节原样再发一遍。明文照做,TLS 不认。要先有 server.pem、server.key。"""
import socket
import ssl
import threading

ORDER = b"transfer 100"
inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
inside.load_cert_chain("server.pem", "server.key")
outside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
outside.load_verify_locations("server.pem")


class Copying:
    """客户这一头:TLS 的字节从这里出去,路上的人记一份。"""

    def __init__(self, context):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="127.0.0.1")
        self.copy = b""

    def run(self, stream, step):
        """做一步,要收就收,要发就发。"""
        while True:
            try:
                step()
                done = True
            except ssl.SSLWantReadError:
                done = False
            data = self.outgoing.read()
            self.copy += data
            stream.sendall(data)
            if done:
                return
            self.incoming.write(stream.recv(65536))


def serve(stream, secure, done):
    """收一个命令就照做。"""
    stream.settimeout(5)
    try:
        with inside.wrap_socket(stream, server_side=True) if secure else stream as source:
            if command := source.recv(1024):
                done.append(command.decode())
    except ssl.SSLError as error:
        print("  服务器:", error.reason)


def talk(secure, done, speak):
    """一个新的连接。"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), timeout=5)
        server, _ = listener.accept()
    thread = threading.Thread(target=serve, args=(server, secure, done))
    thread.start()
    with client:
        speak(client)
        client.shutdown(socket.SHUT_WR)
        thread.join(5)


done = []
talk(False, done, lambda client: client.sendall(ORDER))
talk(False, done, lambda client: client.sendall(ORDER))
print("明文,说一遍、重放一遍:做了", len(done), "次")

done = []
customer = Copying(outside)


def order(client):
    """真的客户:握手,下命令。"""
    customer.run(client, customer.tls.do_handshake)
    customer.run(client, lambda: customer.tls.write(ORDER))


talk(True, done, order)
talk(True, done, lambda client: client.sendall(customer.copy))
print("TLS,说一遍、重放一遍:做了", len(done), "次")
