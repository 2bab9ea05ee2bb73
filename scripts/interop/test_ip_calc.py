"""ip-calc 与 Python 的 ipaddress、Debian 的 ipcalc 对照:随机的地址和掩码,逐项相同。

有意不同的地方写在 DIFFERENT、OTHER_WRITING 里,每一条都有理由;别处一项也不许不同。
"""

import ipaddress
import os
import random
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import ENVIRONMENT, HERE, WORKSPACE, InteropTest, binary, need

# 随机的种子;失败时报告里有它,COURSE_SEED 可以换一个。
SEED = int(os.environ.get("COURSE_SEED", "1918"))

# 每一类这么多个。
COUNT = 10_000

# ipcalc 每个地址要启动一次 Perl,少一些。
IPCALC_COUNT = 150

# 一万个问题不到一秒;机器再忙也够。
PATIENCE = 120

# 特殊用途的地址块:均匀地随机,几乎碰不到它们,所以一半的地址从这里面和边上取。
BLOCKS = """
0.0.0.0/32 0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.0/29
192.0.0.8/30 192.0.0.170/31 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16
192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/24 224.0.0.0/4 239.0.0.0/8 240.0.0.0/4
255.255.255.255/32
::/128 ::1/128 ::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/32 2001::/23
2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28
2001:30::/28 2001:db8::/32 2002::/16 2000::/3 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10
ff02::/16 ff00::/8
""".split()

# 用途里冒号之前的词 → Python 的 (is_private, is_global);Python 没有「组播不算全球」这一说。
LIKE_PYTHON = {
    "未指定": (True, False),
    "私有": (True, False),
    "回环": (True, False),
    "链路本地": (True, False),
    "文档": (True, False),
    "测试": (True, False),
    "专用": (True, False),
    "广播": (True, False),
    "CGNAT": (False, False),
    "组播": (False, True),
    "全球": (False, True),
}

# 有意与 Python 3.11 的 is_private、is_global 不同的地址块:(块, 我们说它是, 理由)。
# 更新的 Python 改了其中几块(3.13 的 ipaddress 照登记表重写过),所以这里只要求我们的答案。
DIFFERENT = [
    ("192.0.0.0/24", "专用", "登记表:整块不是全球可达;3.11 只算了 /29 和 .170/31"),
    ("192.88.99.0/24", "专用", "6to4 中继已废除(RFC 7526);Python 当作全球"),
    ("::ffff:0:0/96", "专用", "登记表:整块不是全球可达;Python 看里面的 IPv4 地址"),
    ("64:ff9b:1::/48", "专用", "登记表:不是全球可达(RFC 8215);3.11 当作全球"),
    ("100:0:0:1::/64", "专用", "2025 年才登记(RFC 9780)"),
    ("2001:1::1/128", "全球", "登记表:全球可达;3.11 把 2001::/23 整块当作私有"),
    ("2001:1::2/128", "全球", "同上"),
    ("2001:1::3/128", "全球", "同上"),
    ("2001:3::/32", "全球", "同上"),
    ("2001:4:112::/48", "全球", "同上"),
    ("2001:20::/28", "全球", "同上"),
    ("2001:30::/28", "全球", "同上"),
    ("2002::/16", "专用", "6to4 已过时;Python 当作全球"),
    ("3fff::/20", "文档", "2024 年才登记(RFC 9637);3.11 当作全球"),
    ("5f00::/16", "专用", "2024 年才登记(RFC 9602);3.11 当作全球"),
    ("fec0::/10", "保留", "站点本地已废除(RFC 3879);Python 另有 is_site_local"),
]

# Python 不认识,而 ip-calc 认识的写法;以及反过来的。
OTHER_WRITING = [
    ("10101100.00010000.00001010.00000001/24", True, "二进制"),
    ("192.168.9.1 0xffffff00", True, "macOS 的 ifconfig 打印的十六进制掩码"),
    ("192。168。9。1／24", True, "全角标点"),
    ("192.168.9.1/0.0.0.255", False, "反掩码:Python 当作 /24,课程里它是常见的笔误"),
    ("192.168.9.1", False, "没有前缀:Python 当作 /32"),
    ("fe80::1%eth0/64", False, "带网卡的地址"),
]


def ask(questions):
    """一次问许多个:[(回答的各行, 错误)],次序与问题相同。"""
    result = subprocess.run(
        [binary("ip-calc"), "-"],
        input="".join(f"{question}\n" for question in questions).encode(),
        capture_output=True,
        timeout=PATIENCE,
        env=ENVIRONMENT,
    )
    errors = {}
    for number, text in re.findall(r"^错误:第 (\d+) 行:(.*)$", result.stderr.decode(), re.M):
        errors[int(number)] = text
    tables = iter(result.stdout.decode().split("\n\n"))
    answers = []
    for number, _ in enumerate(questions, 1):
        error = errors.get(number)
        answers.append((None, error) if error else (next(tables).splitlines(), None))
    if list(tables) != [""]:
        raise AssertionError(f"回答的个数与问题不同:{result.stderr.decode()[-1000:]}")
    if result.returncode != (1 if errors else 0):
        raise AssertionError(f"退出码是 {result.returncode}")
    return answers


def table(lines):
    """表里的各行:名字 → 值(可能有几行)。"""
    rows, label = {}, None
    for line in lines[1:]:
        if not line.startswith(" "):
            label = line.split()[0]
            line = line[len(label):]
        rows.setdefault(label, []).append(line.strip())
    return rows


def addresses(version, count, rng):
    """一半均匀地随机,一半在特殊的地址块里面和边上。"""
    bits = 32 if version == 4 else 128
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    blocks = [b for b in map(ipaddress.ip_network, BLOCKS) if b.version == version]
    for _ in range(count):
        value = rng.getrandbits(bits)
        if rng.random() < 0.5:
            block = rng.choice(blocks)
            first, last = int(block.network_address), int(block.broadcast_address)
            value = rng.choice([first, last, first - 1, last + 1, rng.randint(first, last)])
        yield kind(value % (1 << bits))


def question_of(address, prefix, rng):
    """同一个问题的几种写法。"""
    if address.version == 6:
        return rng.choice([f"{address}/{prefix}", f"{address.exploded}/{prefix}", f"{address} {prefix}"])
    mask = ipaddress.ip_network(f"0.0.0.0/{prefix}").netmask
    return rng.choice(
        [f"{address}/{prefix}", f"{address}/{mask}", f"{address} {mask}", f"{address} /{prefix}"]
    )


def host_range(network):
    """第一台、最后一台、主机数:Python 的 hosts(),不逐个数。"""
    first = next(iter(network.hosts()))
    last = network.broadcast_address
    if network.version == 4 and network.prefixlen < 31:
        last -= 1
    return first, last, int(last) - int(first) + 1


def text_of(address):
    """IPv4 映射地址的末尾写成点分十进制(RFC 5952 §5);Python 3.13 起也这样写。"""
    mapped = address.version == 6 and address.ipv4_mapped
    return f"::ffff:{mapped}" if mapped else str(address)


def bits_of(address):
    return f"{int(address):0{address.max_prefixlen}b}"


class IpCalc(InteropTest):
    """一万个一万个地问。"""

    def setUp(self):
        self.rng = random.Random(SEED)

    def check_network(self, question, lines, interface):
        """一张表与 Python 的各个数逐项相同。"""
        rows, network = table(lines), interface.network
        hint = f"种子 {SEED},问题 {question}:\n" + "\n".join(lines)
        self.assertEqual(lines[0], f"{text_of(interface.ip)}/{network.prefixlen}", hint)
        for label, address in (
            ("地址", interface.ip),
            ("掩码", network.netmask),
            ("网络", network.network_address),
        ):
            self.assertAddress(rows[label], address, network.prefixlen, hint)
        if network.version == 4 and network.prefixlen < 31:
            self.assertAddress(rows["广播"], network.broadcast_address, network.prefixlen, hint)
        else:
            self.assertTrue(rows["广播"][0].startswith("没有"), hint)
        first, last, count = host_range(network)
        self.assertEqual(rows["第一台"], [text_of(first)], hint)
        self.assertEqual(rows["最后一台"], [text_of(last)], hint)
        self.assertEqual(int(re.match(r"\d+", rows["主机数"][0])[0]), count, hint)
        self.assertEqual("可以给主机" in rows["位置"][0], first <= interface.ip <= last, hint)

    def assertAddress(self, lines, address, prefix, hint):
        """一个地址和它的二进制,竖线在前缀那一位之后。"""
        text, *rest = " ".join(lines).split()
        self.assertEqual(text, text_of(address), hint)
        if address.version == 6:
            self.assertEqual(":".join(rest[::2]), address.exploded, hint)
            rest = rest[1::2]
        bits = bits_of(address)
        written = "".join(rest).replace(".", "").replace(":", "")
        self.assertEqual(written, f"{bits[:prefix]}|{bits[prefix:]}", hint)

    def describe(self, version):
        bits = 32 if version == 4 else 128
        interfaces = [
            ipaddress.ip_interface((address, self.rng.randint(0, bits)))
            for address in addresses(version, COUNT, self.rng)
        ]
        # 每个前缀长度都至少有一次。
        for prefix in range(bits + 1):
            interfaces[prefix] = ipaddress.ip_interface((interfaces[prefix].ip, prefix))
        questions = [question_of(one.ip, one.network.prefixlen, self.rng) for one in interfaces]
        for question, (lines, error), interface in zip(questions, ask(questions), interfaces):
            self.assertIsNone(error, f"{question} 应当看得懂")
            self.check_network(question, lines, interface)

    def test_ipv4_networks(self):
        self.describe(4)

    def test_ipv6_networks(self):
        self.describe(6)

    def test_same_subnet_from_each_side(self):
        pairs = []
        for version, bits in ((4, 32), (6, 128)):
            for address in addresses(version, COUNT // 2, self.rng):
                # 只在后面的几位不同,在不在同一个子网才看掩码。
                other = type(address)(int(address) ^ self.rng.getrandbits(self.rng.randint(1, bits)))
                prefixes = [self.rng.randint(0, bits), self.rng.randint(0, bits)]
                if self.rng.random() < 0.5:
                    prefixes[1] = prefixes[0]
                pairs.append(tuple(map(ipaddress.ip_interface, zip((address, other), prefixes))))
        questions = [f"same {one} {other}" for one, other in pairs]
        seen = set()
        for question, (lines, error), (one, other) in zip(questions, ask(questions), pairs):
            self.assertIsNone(error, question)
            views = (other.ip in one.network, one.ip in other.network)
            verdict = {
                (True, True): "在同一个子网",
                (False, False): "不在同一个子网",
                (True, False): f"两边的看法不同:{text_of(one.ip)} 直接发,{text_of(other.ip)} 交给网关",
                (False, True): f"两边的看法不同:{text_of(other.ip)} 直接发,{text_of(one.ip)} 交给网关",
            }[views]
            shown = "\n".join(lines)
            self.assertTrue(table(lines)["结论"][0].startswith(verdict), f"{question} 应当是{verdict}:\n{shown}")
            self.assertEqual(["相同" in lines[3], "相同" in lines[7]], list(views), shown)
            for line, own, peer in ((1, one, one), (2, one, other), (5, other, other), (6, other, one)):
                network = ipaddress.ip_network((peer.ip, own.network.prefixlen), strict=False)
                result = text_of(network.network_address)
                expected = f"{text_of(peer.ip)} & {own.netmask} = {result}"
                self.assertEqual(lines[line].strip(), expected, shown)
            seen.add(views)
        self.assertEqual(len(seen), 4, "四种看法都应当出现过")

    def test_masks_with_holes(self):
        masks = [ipaddress.IPv4Address(self.rng.getrandbits(32)) for _ in range(COUNT)]
        # 差一位的掩码最容易混过去。
        for index in range(0, COUNT, 2):
            mask = ipaddress.ip_network(f"0.0.0.0/{self.rng.randint(0, 32)}").netmask
            flips = 1 << self.rng.randint(0, 31) if self.rng.random() < 0.8 else 0
            masks[index] = ipaddress.IPv4Address(int(mask) ^ flips)
        accepted = 0
        for mask, (_, error) in zip(masks, ask([f"10.1.2.3/{mask}" for mask in masks])):
            ones = bits_of(mask).rstrip("0")
            contiguous = "0" not in ones
            self.assertEqual(error is None, contiguous, f"{mask}:{error}")
            try:
                ipaddress.ip_network(f"0.0.0.0/{mask}", strict=False)
                python = True
            except ValueError:
                python = False
            # Python 也接受反掩码(OTHER_WRITING)。
            wildcard = "0" not in bits_of(mask).lstrip("0")
            self.assertEqual(python, contiguous or wildcard, f"{mask}")
            accepted += contiguous
        self.assertGreater(accepted, COUNT // 20, "应当也有不少对的掩码")

    def test_mistyped_addresses(self):
        texts = []
        for version in (4, 6):
            for address in addresses(version, COUNT // 2, self.rng):
                texts.append(self.mistype(f"{address}/{self.rng.randint(0, address.max_prefixlen)}"))
        accepted = 0
        for text, (lines, error) in zip(texts, ask(texts)):
            try:
                # 我们不把没有前缀的当作 /32。
                interface = ipaddress.ip_interface(text) if "/" in text else None
            except ValueError:
                interface = None
            if interface is None:
                self.assertIsNotNone(error, f"Python 不认识 {text},ip-calc 说:{lines}")
                continue
            self.assertIsNone(error, f"Python 认识 {text}")
            self.check_network(text, lines, interface)
            accepted += 1
        self.assertTrue(COUNT // 20 < accepted < COUNT * 19 // 20, f"对错都应当有:{accepted}")

    def mistype(self, text):
        """改错一两个字;不改成有意不同的写法(没有 % 和 8 位二进制)。"""
        letters = list(text)
        for _ in range(self.rng.randint(1, 2)):
            place = self.rng.randrange(len(letters))
            action = self.rng.randrange(3)
            if action == 0 and len(letters) > 1:
                del letters[place]
            elif action == 1:
                letters[place] = self.rng.choice("0123456789abcdef.:/-+x")
            else:
                letters.insert(place, self.rng.choice("0123456789.:/"))
        return "".join(letters)

    def test_kinds(self):
        different = [(ipaddress.ip_network(block), kind) for block, kind, _ in DIFFERENT]
        found = [*addresses(4, COUNT, self.rng), *addresses(6, COUNT, self.rng)]
        answers = ask([f"{address}/{address.max_prefixlen}" for address in found])
        kinds, disagreed = set(), set()
        for address, (lines, _) in zip(found, answers):
            kind = table(lines)["用途"][0].split(":")[0]
            kinds.add(kind)
            hint = f"种子 {SEED}:{address} 是{kind}"
            blocks = [(b, k) for b, k in different if b.version == address.version and address in b]
            if not blocks:
                self.check_kind(address, kind, hint)
                continue
            same = LIKE_PYTHON.get(kind) == flags(address)
            disagreed.update(block for block, _ in blocks if not same)
            # 小块在大块里面(192.0.0.9 在 192.0.0.0/24 里)时,与 Python 相同也可以。
            self.assertTrue(same or kind in [k for _, k in blocks], hint)
        self.assertEqual(kinds, {*LIKE_PYTHON, "保留"}, "每一种用途都应当出现过")
        if sys.version_info[:2] == (3, 11):
            stale = {block for block, _ in different} - disagreed
            self.assertEqual(stale, set(), "与 Python 3.11 没有不同,应当从 DIFFERENT 里去掉")

    def check_kind(self, address, kind, hint):
        """用途与 Python 的各个 is_… 一致。"""
        self.assertEqual(kind == "回环", address.is_loopback, hint)
        self.assertEqual(kind == "组播", address.is_multicast, hint)
        self.assertEqual(kind == "链路本地", address.is_link_local, hint)
        self.assertEqual(kind == "未指定", address.is_unspecified, hint)
        if kind == "保留":
            # IPv4 的保留 Python 当作私有;IPv6 还没有分配的,Python 当作全球(不是私有就是全球)。
            self.assertTrue(address.is_reserved, hint)
            self.assertEqual(address.is_private, address.version == 4, hint)
            return
        self.assertEqual(LIKE_PYTHON[kind], flags(address), hint)
        if address.version == 4:
            self.assertEqual(address.is_reserved, kind == "广播", hint)
        elif address.is_reserved:
            # IPv6 的 is_reserved 只看开头几位:::/8 和 100::/8 里有用途的地址也算。
            self.assertLess(int(address) >> 120, 2, hint)

    def test_different_on_purpose(self):
        networks = [ipaddress.ip_network(block) for block, *_ in DIFFERENT]
        questions = [f"{network.network_address}/{network.max_prefixlen}" for network in networks]
        for (block, kind, reason), (lines, _) in zip(DIFFERENT, ask(questions)):
            said = table(lines)["用途"][0].split(":")[0]
            self.assertEqual(said, kind, f"{block}:{reason}")
        answers = ask([writing for writing, *_ in OTHER_WRITING])
        for (writing, known, reason), (_, error) in zip(OTHER_WRITING, answers):
            self.assertEqual(error is None, known, f"{writing}:{reason}:{error}")
            try:
                ipaddress.ip_interface(writing.replace(" ", "/"))
                python = True
            except ValueError:
                python = False
            self.assertNotEqual(python, known, f"{writing} 与 Python 没有不同,从 OTHER_WRITING 里去掉")


def flags(address):
    return address.is_private, address.is_global


class IpCalcOfDebian(InteropTest):
    """Debian 的 ipcalc(0.42 起):只有 IPv4。"""

    NAMES = {"Address": "地址", "Netmask": "掩码", "Network": "网络", "Broadcast": "广播"}

    @classmethod
    def setUpClass(cls):
        need("ipcalc")

    def test_ipv4_networks(self):
        rng = random.Random(SEED)
        found = list(addresses(4, IPCALC_COUNT, rng))
        prefixes = [*range(33), *(rng.randint(0, 32) for _ in range(IPCALC_COUNT - 33))]
        questions = [f"{address}/{prefix}" for address, prefix in zip(found, prefixes)]
        for question, (lines, _) in zip(questions, ask(questions)):
            self.check(question, table(lines))

    def check(self, question, rows):
        argv = ["ipcalc", "-n", "-b", question]
        result = subprocess.run(argv, capture_output=True, timeout=PATIENCE, env=ENVIRONMENT)
        theirs = dict(re.findall(r"^([\w/]+):\s+(\S+)", result.stdout.decode(), re.M))
        hint = f"{question}:\n{result.stdout.decode()}\n{rows}"
        for name, label in self.NAMES.items():
            if name in theirs:
                self.assertEqual(rows[label][0].split()[0], theirs[name].split("/")[0], hint)
        self.assertEqual("Broadcast" in theirs, not rows["广播"][0].startswith("没有"), hint)
        # /32 时 ipcalc 只说 Hostroute。
        if "HostMin" in theirs:
            self.assertEqual([theirs["HostMin"], theirs["HostMax"]], [rows["第一台"][0], rows["最后一台"][0]], hint)
        self.assertEqual(re.match(r"\d+", rows["主机数"][0])[0], theirs["Hosts/Net"], hint)
        # ipcalc 的类别看的是网络,不是地址;E 类有时写成 invalid。
        theirs_class = re.search(r"Class ([A-E])\b", result.stdout.decode())
        if theirs_class and rows["网络"][0].split()[0] == rows["地址"][0].split()[0]:
            self.assertEqual(rows["类别"][0][0], theirs_class[1], hint)


# 学生的程序改错一处:(原来的话, 改成, {应当没有通过的检查: 报告里应当有的话})。
FLAWS = [
    ("usable = bits - prefix < 2", "usable = False", {"edges": "「第一台」应当是 192.0.2.4,却是「192.0.2.5」"}),
    ("network = value & mask", "network = value", {"network": "「网络」应当是 172.16.10.0,却是「172.16.10.1"}),
    ('"私有", "192.168.0.0/16"', '"私有", "192.0.0.0/8"', {"kinds": "「用途」应当是 文档,却是「私有」"}),
    ('("私有", "172.16.0.0/12"),', "", {"kinds": "「用途」应当是 私有,却是「全球」"}),
    ("b & mask_of(prefix_b, bits)", "b & mask_of(prefix_a, bits)", {"asymmetric": "「结论」应当是 不同"}),
    ('"在同一个子网" if from_a else', '"在同一个子网" if True else', {"same": "结论应当是「不在同一个子网」"}),
    ("mask == 2**32 - 2 ** (32 - prefix)", "True", {"holes": "掩码里 1 和 0 交错,退出码应当是 1 或 2,却是 0"}),
    ("all(len(octet) == 8 for octet in octets)", "True", {"nine-digits": "最后一段有九位,退出码应当是"}),
    ("except (AssertionError, ValueError)", "except ZeroDivisionError", {"too-large": "程序崩溃了", "holes": "程序崩溃了"}),
    ('binary[:prefix] + "|" + binary[prefix:]', "binary", {"binary": "「网络」应当是"}),
    ('"广播:", kind(last)', '"广播:", kind(network)', {"broadcast": "「广播」应当是 172.16.10.255"}),
    ('"主机数:", last_host - first_host + 1', '"主机数:", last_host - first_host', {"hosts": "「主机数」应当是 254"}),
    ('"掩码:", kind(mask)', '"掩码:", prefix', {"mask": "「掩码」应当是 255.255.255.128,却是「25」"}),
    ('describe("/".join(sys.argv[1:]))', "describe(sys.argv[1])", {"mask": "退出码应当是 0"}),
    ("bits == 32)", "True)", {"ipv6": "「最后一台」"}),
    ("try:", "sys.exit('错误:不会')\ntry:", {"too-large": "退出码应当是 0", "network": "退出码应当是 0"}),
]


class Check(InteropTest):
    """course check ip-calc:对的通过,改错一处的说出错在哪里。"""

    PROGRAM = HERE / "students" / "ip_calc.py"

    def check(self, path, *options):
        argv = [binary("course"), "check", "ip-calc", *options, "--", sys.executable, str(path)]
        result = subprocess.run(argv, capture_output=True, timeout=PATIENCE, env=ENVIRONMENT, cwd=WORKSPACE)
        return result.returncode, result.stdout.decode() + result.stderr.decode()

    def test_right_program(self):
        code, report = self.check(self.PROGRAM)
        self.assertEqual(code, 0, report)
        self.assertRegex(report, r"通过 13 条,没有通过 0 条,跳过 0 条")

    def test_every_flaw_is_named(self):
        source = self.PROGRAM.read_text()
        with tempfile.TemporaryDirectory() as folder:
            for number, (right, wrong, cases) in enumerate(FLAWS):
                self.assertIn(right, source)
                path = Path(folder) / f"flaw{number}.py"
                path.write_text(source.replace(right, wrong))
                for case, words in cases.items():
                    with self.subTest(wrong=wrong, case=case):
                        code, report = self.check(path, "--only", case)
                        self.assertEqual(code, 1, report)
                        self.assertIn(words, report)

    def test_a_tool_has_no_address(self):
        argv = [binary("course"), "check", "ip-calc", "--addr", "127.0.0.1:80"]
        result = subprocess.run(argv, capture_output=True, timeout=PATIENCE, env=ENVIRONMENT, cwd=WORKSPACE)
        self.assertIn("不是服务器", result.stderr.decode())


if __name__ == "__main__":
    unittest.main()
