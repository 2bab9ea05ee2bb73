"""地址空间有多大,各类和私有地址占多少。"""
import ipaddress


def share(*blocks):
    """这几块一共多少个,占整个地址空间的几分之几。"""
    networks = [ipaddress.ip_network(block) for block in blocks]
    count = sum(network.num_addresses for network in networks)
    return count, count / 2 ** networks[0].max_prefixlen


print(f"IPv4 共 {2 ** 32} 个")
for name, block in (("A", "0.0.0.0/1"), ("B", "128.0.0.0/2"), ("C", "192.0.0.0/3"),
                    ("D", "224.0.0.0/4"), ("E", "240.0.0.0/4")):
    print(f"{name} 类: {share(block)[1]:.2%}")
count, part = share("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
print(f"三段私有地址:{count} 个,{part:.2%}")
print(f"IPv6 的 2000::/3 占 {share('2000::/3')[1]:.2%}")
