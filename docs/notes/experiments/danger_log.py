"""审计日志里的换行:一条命令冒充两条记录。"""
import json

command = "true\n2026-01-01 00:00:00 192.0.2.7 通过了认证"


def plain(peer, command):
    """一行文字。"""
    return f"2026-01-01 00:00:00 {peer} 运行了 {command}"


def structured(peer, command):
    """一行 JSON。"""
    return json.dumps({"time": "2026-01-01T00:00:00Z", "peer": peer, "command": command}, ensure_ascii=False)


for write in (plain, structured):
    print(write.__name__, "有", len(write("192.0.2.66", command).splitlines()), "行:")
    print(write("192.0.2.66", command))
