"""被截短的话:有没有 close_notify,差别在哪里。要先有 server.pem、server.key。"""
import socket
import ssl
import threading

SAID = b"delete /srv/old-logs"
inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
inside.load_cert_chain("server.pem", "server.key")
outside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
outside.load_verify_locations("server.pem")


def serve(stream, whole):
    """说完,用 close_notify 告别;或者说到一半,连接就断了。"""
    tls = inside.wrap_socket(stream, server_side=True)
    tls.sendall(SAID if whole else SAID[:11])
    if whole:
        tls.unwrap()
    tls.close()  # Python 的 close 只关 TCP,不发 close_notify


def listen_to(whole, **options):
    """客户一直收到末尾,说出听到了什么。"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = socket.create_connection(listener.getsockname(), timeout=5)
        accepted, _ = listener.accept()
    accepted.settimeout(5)
    thread = threading.Thread(target=serve, args=(accepted, whole))
    thread.start()
    heard = b""
    try:
        with outside.wrap_socket(stream, server_hostname="127.0.0.1", **options) as tls:
            while data := tls.recv(1024):
                heard += data
            if whole:
                tls.unwrap()
        end = "末尾"
    except ssl.SSLEOFError:
        end = "SSLEOFError"
    thread.join(5)
    return f"{heard.decode()!r},然后是{end}"


print("说完了:", listen_to(True))
print("断在半路,Python 的默认:", listen_to(False))
print("断在半路,suppress_ragged_eofs=False:", listen_to(False, suppress_ragged_eofs=False))
