"""地址与掩码按位“与”,得到网络号;两个网络号相同,才在同一个子网。"""
import ipaddress


def bits(ip):
    """32 位二进制,每 8 位一组。"""
    return ".".join(f"{byte:08b}" for byte in ip.packed)


for text in ("172.16.10.1/24", "172.16.10.2/24", "192.168.9.1/24", "192.168.9.193/25"):
    interface = ipaddress.ip_interface(text)
    print(text)
    print("  地址", bits(interface.ip))
    print("  掩码", bits(interface.netmask))
    print("  网络", bits(interface.network.network_address), "=", interface.network.network_address)

a, b = ipaddress.ip_interface("192.168.9.1/24"), ipaddress.ip_interface("192.168.9.193/25")
print("192.168.9.1/24 认为 192.168.9.193 同网:", b.ip in a.network)
print("192.168.9.193/25 认为 192.168.9.1 同网:", a.ip in b.network)
