"""一个地址是哪一种:看数值,不看是谁在用它。"""
import ipaddress

for text in ("127.0.0.1", "192.168.77.1", "193.168.77.1", "10.1.2.3", "172.31.0.1",
             "172.32.0.1", "169.254.1.1", "192.0.2.1", "224.0.0.1", "::1", "fe80::1"):
    ip = ipaddress.ip_address(text)
    kinds = [name for name, yes in (
        ("回环", ip.is_loopback), ("组播", ip.is_multicast), ("链路本地", ip.is_link_local),
        ("公网", ip.is_global and not ip.is_multicast)) if yes]
    print(f"{text}:{len(ip.packed)} 字节,{'、'.join(kinds) or '不能上公网'}")
