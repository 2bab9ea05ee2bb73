"""isdigit 不是端口的检查。"""
import socket

for text in ("8080", "²", "٨٠٨٠", "99999", "0", "-1", "+8080", " 8080 "):
    digits = "isdigit" if text.isdigit() else "不是 isdigit"
    try:
        port = int(text)
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", port if port not in (8080,) else 0))  # 8080 也许有人在用,不真的占
        outcome = f"int 得 {port},能用" if port else "int 得 0,系统随便挑一个"
    except (ValueError, OverflowError) as error:
        outcome = type(error).__name__
    print(f"{ascii(text):26} {digits}:{outcome}")
