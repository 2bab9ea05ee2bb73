"""学生写的 ip-calc:借 ipaddress 读地址,自己做位运算。"""
import ipaddress
import sys

KINDS = [
    ("回环", "127.0.0.0/8"), ("私有", "10.0.0.0/8"), ("私有", "172.16.0.0/12"), ("私有", "192.168.0.0/16"),
    ("链路本地", "169.254.0.0/16"), ("CGNAT", "100.64.0.0/10"), ("组播", "224.0.0.0/4"), ("文档", "192.0.2.0/24"),
    ("保留", "240.0.0.0/4"), ("文档", "2001:db8::/32"), ("链路本地", "fe80::/10"), ("回环", "::1/128"),
]


def read(text):
    """地址的整数、前缀长度、位数、把整数写成地址的函数。"""
    host, _, prefix = text.partition("/")
    if set(host) <= set("01.") and len(host) > 15:
        octets = host.split(".")
        assert all(len(octet) == 8 for octet in octets), "每段二进制应当正好 8 位"
        host = ".".join(str(int(octet, 2)) for octet in octets)
    address = ipaddress.ip_address(host)
    if "." in prefix:
        mask = int(ipaddress.IPv4Address(prefix))
        prefix = bin(mask).count("1")
        assert mask == 2**32 - 2 ** (32 - prefix), "掩码的 1 和 0 交错"
    bits = address.max_prefixlen
    assert 0 <= int(prefix) <= bits, "前缀太大"
    return int(address), int(prefix), bits, type(address)


def mask_of(prefix, bits):
    return 2**bits - 2 ** (bits - prefix)


def describe(text):
    value, prefix, bits, kind = read(text)
    mask = mask_of(prefix, bits)
    network = value & mask
    last = network + 2 ** (bits - prefix) - 1
    usable = bits - prefix < 2
    first_host, last_host = (network, last) if usable else (network + 1, last - (bits == 32))
    binary = format(network, f"0{bits}b")
    print("掩码:", kind(mask))
    print("网络:", kind(network), binary[:prefix] + "|" + binary[prefix:])
    print("广播:", kind(last) if bits == 32 and not usable else "没有")
    print("第一台:", kind(first_host))
    print("最后一台:", kind(last_host))
    print("主机数:", last_host - first_host + 1)
    address = kind(value)
    found = [name for name, block in KINDS if address in ipaddress.ip_network(block)]
    print("用途:", found[0] if found else "全球")


def same(one, other):
    a, prefix_a, bits, _ = read(one)
    b, prefix_b, _, _ = read(other)
    from_a = a & mask_of(prefix_a, bits) == b & mask_of(prefix_a, bits)
    from_b = a & mask_of(prefix_b, bits) == b & mask_of(prefix_b, bits)
    if from_a != from_b:
        print("结论: 两边的看法不同")
    else:
        print("结论:", "在同一个子网" if from_a else "不在同一个子网")


try:
    if sys.argv[1] == "same":
        same(*sys.argv[2:])
    else:
        describe("/".join(sys.argv[1:]))
except (AssertionError, ValueError) as error:
    sys.exit(f"错误:{error}")
