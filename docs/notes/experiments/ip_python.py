"""库的说法也要核对:ipaddress 怎样看组播、没有分配的地址和反掩码。"""
import ipaddress

multicast = ipaddress.ip_address("224.0.0.1")
print("224.0.0.1 是组播:", multicast.is_multicast, ",是全球:", multicast.is_global)

unassigned = ipaddress.ip_address("4000::1")
print("4000::1 没有分配:", unassigned.is_reserved, ",是全球:", unassigned.is_global)

print("192.168.9.1/0.0.0.255 →", ipaddress.ip_interface("192.168.9.1/0.0.0.255").network)
try:
    ipaddress.ip_interface("192.168.9.1/255.0.255.0")
except ValueError:
    print("255.0.255.0 不是掩码")
