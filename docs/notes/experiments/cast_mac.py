"""组播地址变成以太网的 MAC 地址:IPv4 只带得走低 23 位,IPv6 带走低 32 位。"""
import ipaddress


def mac(group):
    """RFC 1112 §6.4 和 RFC 2464 §7 的算法。"""
    address = ipaddress.ip_address(group)
    number = int(address)
    if address.version == 4:
        full = 0x01005E000000 | number & 0x7FFFFF
    else:
        full = 0x333300000000 | number & 0xFFFFFFFF
    return full.to_bytes(6).hex(":")


for group in ("239.255.80.80", "239.127.80.80", "224.127.80.80", "ff12::8080"):
    print(f"{group:15} {mac(group)}")
same = sum(mac(f"{first}.{second}.80.80") == mac("239.255.80.80") for first in range(224, 240) for second in range(256))
print("与 239.255.80.80 同一个 MAC 的组:", same)
