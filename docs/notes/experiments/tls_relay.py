"""中间人:两边各是一个真的 TLS。要先有 server.pem、server.key 和中间人自己的 relay.pem、relay.key。"""
import hashlib
import socket
import ssl
import threading

seen = []


def listen(name, answer):
    """一个 TLS 服务器,证书是 name.pem:每个连接收一句,用 answer 回一句。返回地址。"""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{name}.pem", f"{name}.key")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            stream, _ = listener.accept()
            stream.settimeout(5)
            try:
                with context.wrap_socket(stream, server_side=True) as tls:
                    if message := tls.recv(1024):
                        tls.sendall(answer(message))
            except OSError:
                pass  # 客户不相信这张证书,挂断了

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()


def relay(message):
    """中间人:记下来,再替客户去问真的服务器。"""
    seen.append(message.decode())
    return say(server, message, trust_anyone)


def say(address, message, trust):
    """连过去,相信了才说话。"""
    context, fingerprint = trust()
    with socket.create_connection(address, timeout=5) as stream:
        with context.wrap_socket(stream, server_hostname="127.0.0.1") as tls:
            certificate = tls.getpeercert(binary_form=True)
            if fingerprint and hashlib.sha256(certificate).hexdigest() != fingerprint:
                return "指纹不同,一个字也没有说".encode()
            tls.sendall(message)
            return tls.recv(1024)


def trust_anyone():
    """不核对。"""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context, None


def trust_certificate():
    """只相信手里的这一张,名字也要对。"""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations("server.pem")
    return context, None


def trust_fingerprint():
    """不管谁签的、叫什么名字,只看是不是上次那一张。"""
    with open("server.pem", encoding="ascii") as file:
        certificate = ssl.PEM_cert_to_DER_cert(file.read())
    return trust_anyone()[0], hashlib.sha256(certificate).hexdigest()


server = listen("server", lambda message: b"OK")
middle = listen("relay", relay)
for where, address in (("真的", server), ("中间人", middle)):
    for how, trust in (("不核对", trust_anyone), ("核对证书", trust_certificate), ("核对指纹", trust_fingerprint)):
        try:
            result = say(address, f"口令({how})".encode(), trust).decode()
        except ssl.SSLCertVerificationError as error:
            result = error.reason
        print(f"{where},{how}:{result}")
print("中间人看到的:", seen)
