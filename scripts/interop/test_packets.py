"""packet-layers 与 tshark:我们写的包,tshark 的每个字段都和 `show` 一样;真的抓包文件也一样。

要 root:抓包在测试自己建的网络命名空间里做,不碰这台机器的网络。
用到 tshark、text2pcap、editcap(Debian 的 tshark、wireshark-common),unshare、nsenter(util-linux),ip(iproute2)。
"""

import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from contextlib import ExitStack, closing
from pathlib import Path

from support import ENVIRONMENT, PATIENCE, InteropTest, binary, missing, need, python

# 抓包时,最后发的这个数据报到了文件里,前面的就都到了。
LAST = b"the last datagram"

# tshark 的设置:序号用真的,校验和都核对,不重组:一个包一个包地比。
PREFERENCES = [
    "tcp.relative_sequence_numbers:FALSE",
    "tcp.check_checksum:TRUE",
    "udp.check_checksum:TRUE",
    "ip.check_checksum:TRUE",
    "ip.defragment:FALSE",
    "ipv6.defragment:FALSE",
]


def number(text):
    """字段的值,去掉括号里的说明。"""
    return int(text.split("(")[0], 0)


def address(text):
    return text.split("(")[0]


def flag(text):
    return int(text in ("1", "True"))


def same_flag(text):
    return int(text)


def raw(text):
    return text.replace(" ", "").replace(":", "")


# (层, 字段) → (tshark 的字段, 我们的值怎么读, tshark 的值怎么读)。
FIELDS = {
    ("以太网", "目的 MAC"): ("eth.dst", address, str),
    ("以太网", "源 MAC"): ("eth.src", address, str),
    ("以太网", "类型"): ("eth.type", number, number),
    ("以太网", "长度"): ("eth.len", number, number),
    ("VLAN", "优先级"): ("vlan.priority", number, number),
    ("VLAN", "可先丢"): ("vlan.dei", same_flag, flag),
    ("VLAN", "VLAN 编号"): ("vlan.id", number, number),
    ("VLAN", "类型"): ("vlan.etype", number, number),
    ("ARP", "硬件类型"): ("arp.hw.type", number, number),
    ("ARP", "协议类型"): ("arp.proto.type", number, number),
    ("ARP", "硬件地址长度"): ("arp.hw.size", number, number),
    ("ARP", "协议地址长度"): ("arp.proto.size", number, number),
    ("ARP", "操作"): ("arp.opcode", number, number),
    ("ARP", "发送方 MAC"): ("arp.src.hw_mac", address, str),
    ("ARP", "发送方 IP"): ("arp.src.proto_ipv4", address, str),
    ("ARP", "目标 MAC"): ("arp.dst.hw_mac", address, str),
    ("ARP", "目标 IP"): ("arp.dst.proto_ipv4", address, str),
    ("IPv4", "版本"): ("ip.version", number, number),
    ("IPv4", "首部长度"): ("ip.hdr_len", lambda text: number(text) * 4, number),
    ("IPv4", "DSCP"): ("ip.dsfield.dscp", number, number),
    ("IPv4", "ECN"): ("ip.dsfield.ecn", number, number),
    ("IPv4", "总长度"): ("ip.len", number, number),
    ("IPv4", "标识"): ("ip.id", number, number),
    ("IPv4", "保留位"): ("ip.flags.rb", same_flag, flag),
    ("IPv4", "不许分片 DF"): ("ip.flags.df", same_flag, flag),
    ("IPv4", "还有分片 MF"): ("ip.flags.mf", same_flag, flag),
    ("IPv4", "片偏移"): ("ip.frag_offset", number, number),
    ("IPv4", "生存时间"): ("ip.ttl", number, number),
    ("IPv4", "协议"): ("ip.proto", number, number),
    ("IPv4", "首部校验和"): ("ip.checksum", number, number),
    ("IPv4", "源地址"): ("ip.src", address, str),
    ("IPv4", "目的地址"): ("ip.dst", address, str),
    ("IPv6", "版本"): ("ipv6.version", number, number),
    ("IPv6", "流量类别"): ("ipv6.tclass", number, number),
    ("IPv6", "流标签"): ("ipv6.flow", number, number),
    ("IPv6", "载荷长度"): ("ipv6.plen", number, number),
    ("IPv6", "下一个首部"): ("ipv6.nxt", number, number),
    ("IPv6", "跳数限制"): ("ipv6.hlim", number, number),
    ("IPv6", "源地址"): ("ipv6.src", address, str),
    ("IPv6", "目的地址"): ("ipv6.dst", address, str),
    ("IPv6 分片首部", "下一个首部"): ("ipv6.fraghdr.nxt", number, number),
    ("IPv6 分片首部", "片偏移"): ("ipv6.fraghdr.offset", number, number),
    ("IPv6 分片首部", "还有分片"): ("ipv6.fraghdr.more", same_flag, flag),
    ("IPv6 分片首部", "标识"): ("ipv6.fraghdr.ident", number, number),
    ("UDP", "源端口"): ("udp.srcport", number, number),
    ("UDP", "目的端口"): ("udp.dstport", number, number),
    ("UDP", "长度"): ("udp.length", number, number),
    ("UDP", "校验和"): ("udp.checksum", number, number),
    ("TCP", "源端口"): ("tcp.srcport", number, number),
    ("TCP", "目的端口"): ("tcp.dstport", number, number),
    ("TCP", "序号"): ("tcp.seq", number, number),
    ("TCP", "确认号"): ("tcp.ack", number, number),
    ("TCP", "首部长度"): ("tcp.hdr_len", lambda text: number(text) * 4, number),
    ("TCP", "保留位"): ("tcp.flags", lambda text: number(text) & 0xF, lambda text: number(text) >> 8),
    ("TCP", "标志"): ("tcp.flags", number, lambda text: number(text) & 0xFF),
    ("TCP", "窗口"): ("tcp.window_size_value", number, number),
    ("TCP", "校验和"): ("tcp.checksum", number, number),
    ("TCP", "紧急指针"): ("tcp.urgent_pointer", number, number),
    ("ICMP", "类型"): ("icmp.type", number, number),
    ("ICMP", "代码"): ("icmp.code", number, number),
    ("ICMP", "校验和"): ("icmp.checksum", number, number),
    ("ICMPv6", "类型"): ("icmpv6.type", number, number),
    ("ICMPv6", "代码"): ("icmpv6.code", number, number),
    ("ICMPv6", "校验和"): ("icmpv6.checksum", number, number),
    ("回环", "协议族"): ("null.family", number, number),
    ("Linux SLL", "方向"): ("sll.pkttype", number, number),
    ("Linux SLL", "接口类型"): ("sll.hatype", number, number),
    ("Linux SLL", "地址长度"): ("sll.halen", number, number),
    ("Linux SLL", "类型"): ("sll.etype", number, number),
    ("Linux SLL2", "类型"): ("sll.etype", number, number),
    ("Linux SLL2", "接口编号"): ("sll.ifindex", number, number),
    ("Linux SLL2", "接口类型"): ("sll.hatype", number, number),
    ("Linux SLL2", "方向"): ("sll.pkttype", number, number),
    ("Linux SLL2", "地址长度"): ("sll.halen", number, number),
}

# 校验和后面的结论 → tshark 的 *.checksum.status。
STATUS = {"错误": 0, "正确": 1, "没有用": 3}
CHECKSUMS = {
    ("IPv4", "首部校验和"): "ip.checksum.status",
    ("UDP", "校验和"): "udp.checksum.status",
    ("TCP", "校验和"): "tcp.checksum.status",
    ("ICMP", "校验和"): "icmp.checksum.status",
    ("ICMPv6", "校验和"): "icmpv6.checksum.status",
}

# TCP 选项的说明里的数 → tshark 的字段。
OPTIONS = [
    (r"^MSS (\d+)$", "tcp.options.mss_val"),
    (r"^窗口扩大 (\d+)$", "tcp.options.wscale.shift"),
    (r"^时间戳 (\d+) 回显", "tcp.options.timestamp.tsval"),
    (r"回显 (\d+)$", "tcp.options.timestamp.tsecr"),
    (r"^选择确认 (\d+)\.\.", "tcp.options.sack_le"),
]

PACKET = re.compile(r"^第 (\d+) 个包,\+([\d.]+) 秒,(\d+) 字节(?:\(网线上有 (\d+) 字节)?")
LAYER = re.compile(r"^  (.+) 偏移 (\d+),头 (\d+) 字节$")
FIELD = re.compile(r"^ {4,}(\d+) {1,3}(\d+) (字节|位) +(.+?)  +(.*)$")
DATA = re.compile(r"^  数据 偏移 (\d+),(\d+) 字节")
REASSEMBLED = re.compile(r"^  (\d+) 个分片到齐,重组成 (\d+) 字节:$")


class Packet:
    """`show` 打印的一个包。"""

    def __init__(self, found):
        self.seconds, self.captured = float(found[2]), int(found[3])
        self.original = int(found[4] or found[3])
        self.fields = []  # (层, 字段, 值, 偏移, 大小)
        self.layers = []
        self.data = 0
        self.text = []

    def values(self, layer, field):
        return [value for name, one, value, *_ in self.fields if (name, one) == (layer, field)]


def parse(output):
    """`show` 的输出,一个包一个;重组出来的不算。"""
    packets, layer, skip = [], None, False
    for line in output.splitlines():
        if found := PACKET.match(line):
            packets.append(Packet(found))
            skip = False
        elif not packets or line.startswith("一共"):
            continue
        elif REASSEMBLED.match(line):
            skip = True
        elif skip:
            continue
        elif found := LAYER.match(line):
            layer = found[1]
            packets[-1].layers.append(layer)
        elif found := DATA.match(line):
            packets[-1].data = int(found[2])
        elif found := FIELD.match(line):
            size = int(found[2]) * (8 if found[3] == "字节" else 1)
            packets[-1].fields.append((layer, found[4], found[5], int(found[1]), size))
        packets[-1].text.append(line)
    return packets


def tshark(path, *arguments, preferences=PREFERENCES):
    """运行 tshark,返回它的标准输出。"""
    command = ["tshark", "-n", "-r", str(path)]
    for preference in preferences:
        command += ["-o", preference]
    result = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, env=ENVIRONMENT, timeout=60
    )
    if result.returncode:
        raise AssertionError(f"tshark 读不了 {path}:{result.stderr}")
    return result.stdout


def fields_of(path, names):
    """tshark -T fields:每个包一个字典,值是列表(一个字段可以出现几次)。"""
    arguments = ["-T", "fields", "-E", "occurrence=a", "-E", "aggregator=;", "-E", "separator=/t"]
    for name in names:
        arguments += ["-e", name]
    rows = tshark(path, *arguments).splitlines()
    return [
        {name: value.split(";") if value else [] for name, value in zip(names, row.split("\t"))}
        for row in rows
    ]


def pcap(path, packets, link=1, order="<", magic=0xA1B2C3D4, snaplen=262_144):
    """写一个抓包文件;一个包可以是字节,或者 (字节, 网线上的字节数)。"""
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link)
    for index, packet in enumerate(packets):
        packet, original = packet if isinstance(packet, tuple) else (packet, len(packet))
        data += struct.pack(order + "IIII", 1_700_000_000, index, len(packet), original) + packet
    Path(path).write_bytes(data)
    return path


def frames_of(path):
    """抓包文件里的每个包。"""
    data = Path(path).read_bytes()
    order = "<" if data[0] in (0xD4, 0x4D) else ">"
    at, frames = 24, []
    while at < len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        frames.append(data[at + 16:at + 16 + length])
        at += 16 + length
    return frames


class PacketsTest(InteropTest):
    """比较 `show` 和 tshark。"""

    def setUp(self):
        need("tshark")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_layers(self, *arguments, code=0):
        program = self.course("packet-layers", *arguments)
        program.end_input()
        actual = program.wait()
        errors = program.errors.text()
        self.assertNotIn("panicked", errors)
        self.assertEqual(actual, code, f"packet-layers {arguments} 的退出码:{errors}")
        return program.output.text() if code == 0 else errors

    def build(self, *arguments):
        path = self.folder / "built.pcap"
        self.run_layers("build", *arguments, "--out", path)
        return path

    def compare(self, path, cut=False):
        """`show` 与 tshark 的每个字段都相同;返回 `show` 的各个包。

        cut:有截断的包。截断的头里,tshark 和我们列出的字段不一样多,只比两边都有的。
        """
        packets = parse(self.run_layers("show", path))
        names = list(dict.fromkeys(
            ["frame.number", "frame.len", "frame.cap_len", "frame.time_relative"]
            + [name for name, *_ in FIELDS.values()]
            + list(CHECKSUMS.values()) + [name for _, name in OPTIONS]
        ))
        rows = fields_of(path, names)
        self.assertEqual(len(packets), len(rows), f"{path}:包数应当一样")
        compared = 0
        for index, (packet, row) in enumerate(zip(packets, rows), 1):
            self.assertEqual(packet.captured, int(row["frame.cap_len"][0]), f"第 {index} 个包的字节数")
            self.assertEqual(packet.original, int(row["frame.len"][0]), f"第 {index} 个包原来的字节数")
            seconds = float(row["frame.time_relative"][0])
            self.assertAlmostEqual(packet.seconds, seconds, delta=2e-6, msg=f"第 {index} 个包的时间")
            compared += self.compare_packet(index, packet, row, cut)
        self.compared = compared
        return packets

    def compare_packet(self, index, packet, row, cut):
        compared = 0
        theirs_of = {}
        for (layer, field), (name, read, read_theirs) in FIELDS.items():
            ours = [read(value) for value in packet.values(layer, field)]
            theirs = [read_theirs(value) for value in row[name]]
            if name.startswith("sll.") and layer not in packet.layers:
                continue
            if name == "ip.version":
                # tshark 把 IPv6 的版本也算在这个字段里。
                theirs = [version for version in theirs if version != 6]
            if cut:
                ours, theirs = ours[: len(theirs)], theirs[: len(ours)]
            where = f"第 {index} 个包,{layer} 的{field}({name})"
            self.assertEqual(ours, theirs, f"{where}:\n" + "\n".join(packet.text))
            theirs_of[name] = theirs
            compared += len(ours)
        for (layer, field), name in CHECKSUMS.items():
            for value, status in zip(packet.values(layer, field), row[name]):
                verdict = re.search(r"\((\w+)", value)
                if verdict and verdict[1] in STATUS:
                    self.assertEqual(STATUS[verdict[1]], int(status), f"第 {index} 个包的 {name}:{value}")
                    compared += 1
        options = packet.values("TCP", "选项")
        for pattern, name in OPTIONS:
            ours = [found[1] for value in options if (found := re.search(pattern, value))]
            theirs = row[name] if not cut else row[name][: len(ours)]
            self.assertEqual(ours, theirs[: len(ours)] if "sack" in name else theirs,
                             f"第 {index} 个包的 {name}")
            compared += len(ours)
        return compared

    def no_complaints(self, path):
        """tshark 用默认的设置(会重组)读,没有 malformed,没有错的校验和,没有警告。"""
        preferences = [one for one in PREFERENCES if "defragment" not in one]
        text = tshark(path, "-V", preferences=preferences)
        for word in ("Malformed", "[incorrect", "Expert Info (Warning", "Expert Info (Error", "BAD"):
            self.assertNotIn(word, text, f"tshark 说 {path} 里有 {word}")
        statuses = fields_of(path, ["ip.checksum.status", "udp.checksum.status", "tcp.checksum.status"])
        return text, statuses


class Built(PacketsTest):
    """我们写的,tshark 读。"""

    def test_every_field(self):
        total = 0
        for arguments in (
            [],
            ["--payload", ""],
            ["--payload", "a"],
            ["--payload", "odd"],
            ["--vlan", "1"],
            ["--vlan", "4094", "--size", "1473"],
            ["--size", "1472"],
            ["--size", "1473"],
            ["--size", "4000"],
            ["--size", "4000", "--mtu", "576"],
            ["--size", "100", "--mtu", "68"],
            ["--size", "65507"],
            ["--size", "65507", "--mtu", "65535"],
            ["--size", "9000", "--mtu", "9000"],
        ):
            with self.subTest(arguments=arguments):
                path = self.build(*arguments)
                packets = self.compare(path)
                total += self.compared
                text, statuses = self.no_complaints(path)
                for packet, row in zip(packets, statuses):
                    for name, values in row.items():
                        part = name == "udp.checksum.status" and not_alone(packet)
                        self.assertTrue(part or set(values) <= {"1"}, f"{name} 应当都是对的:{values}")
        print(f"\ntshark 与 packet-layers build 一致的字段:{total} 个", file=sys.stderr)

    def test_payload_comes_back(self):
        # tshark 重组出来的 UDP 数据、TCP 数据,就是要装的。
        path = self.build("--size", "4000")
        preferences = [one for one in PREFERENCES if "defragment" not in one]
        text = tshark(path, "-T", "fields", "-e", "udp.payload", "-e", "tcp.payload", preferences=preferences)
        expected = bytes(b"0123456789"[i % 10] for i in range(4000))
        udp = [row.split("\t")[0] for row in text.splitlines()]
        tcp = [row.split("\t")[1] for row in text.splitlines()]
        self.assertEqual([raw(one) for one in udp if one], [expected.hex()])
        self.assertEqual("".join(raw(one) for one in tcp), expected.hex())

    def test_fragment_offsets(self):
        packets = self.compare(self.build("--size", "4000"))
        offsets = [packet.values("IPv4", "片偏移")[0] for packet in packets if "UDP" in packet.layers
                   or packet.values("IPv4", "片偏移")[:1] not in ([], ["0"])]
        self.assertEqual(offsets, ["0", "185(第 1480 字节起)", "370(第 2960 字节起)"])
        self.assertEqual([packet.captured for packet in packets[2:5]], [1514, 1514, 1082])
        marks = [packet.values("IPv4", "标识")[0] for packet in packets if "IPv4" in packet.layers]
        self.assertEqual(len(set(marks[:3])), 1, "一个报文的各片,标识相同")
        self.assertEqual(len(set(marks)), len(marks) - 2, "不同的报文,标识不同")

    def test_same_command_same_file(self):
        self.assertEqual(self.build().read_bytes(), self.build().read_bytes())


def not_alone(packet):
    """分片:UDP 的校验和要重组以后才核对得了。"""
    return packet.values("IPv4", "还有分片 MF") == ["1"]


class Crafted(PacketsTest):
    """改过的、截断的、别的容器和链路类型。"""

    def test_wrong_checksums_are_called_wrong(self):
        frames = frames_of(self.build())
        wrong = [bytearray(frame) for frame in frames]
        wrong[2][24] ^= 1  # IPv4 首部校验和
        wrong[2][-1] ^= 1  # UDP 的数据
        wrong[6][-1] ^= 1  # TCP 的数据
        path = pcap(self.folder / "wrong.pcap", [bytes(frame) for frame in wrong])
        packets = self.compare(path)
        for packet, layer, field in ((2, "IPv4", "首部校验和"), (2, "UDP", "校验和"), (6, "TCP", "校验和")):
            self.assertIn("(错误,应当是 0x", packets[packet].values(layer, field)[0])
        absent = bytearray(frames[2])
        absent[40:42] = b"\0\0"
        packets = self.compare(pcap(self.folder / "absent.pcap", [bytes(absent)]))
        self.assertEqual(packets[0].values("UDP", "校验和"), ["0x0000(没有用)"])

    def test_containers(self):
        frames = frames_of(self.build())
        for order in "<>":
            for magic, unit in ((0xA1B2C3D4, 1e-6), (0xA1B23C4D, 1e-9)):
                path = pcap(self.folder / "any.pcap", frames, order=order, magic=magic)
                packets = self.compare(path)
                self.assertEqual(len(packets), len(frames), f"{order} {magic:x} {unit}")

    def test_truncated_at_every_length(self):
        for arguments in ([], ["--vlan", "9"]):
            frames = frames_of(self.build(*arguments))
            cut = [(frame[:length], len(frame)) for frame in frames for length in range(len(frame))]
            packets = self.compare(pcap(self.folder / "cut.pcap", cut, snaplen=96), cut=True)
            self.assertTrue(all("截断" in packet.text[0] for packet in packets))
            self.assertGreater(self.compared, 1000)

    def test_snaplen_smaller_than_the_packets(self):
        # tcpdump -s 60 抓的文件:文件头说最多 60 字节,网线上的字节数却更大。
        frames = [(frame[:60], len(frame)) for frame in frames_of(self.build("--size", "2000"))]
        packets = self.compare(pcap(self.folder / "snap.pcap", frames, snaplen=60), cut=True)
        self.assertIn("只抓到", "\n".join(packets[2].text))

    def test_link_types(self):
        frames = frames_of(self.build())
        ip = [frame[14:] for frame in frames[2:]]
        sll = struct.pack("!HHH8sH", 4, 1, 6, bytes(8), 0x0800)
        sll2 = struct.pack("!HHIHBB8s", 0x0800, 0, 3, 1, 4, 6, bytes(8))
        for name, link, head, order in (
            ("raw", 101, b"", "<"), ("null", 0, struct.pack("<I", 2), "<"),
            ("null, big-endian", 0, struct.pack(">I", 2), ">"), ("loop", 108, struct.pack("!I", 2), "<"),
            ("sll", 113, sll, "<"), ("sll2", 276, sll2, "<"),
        ):
            with self.subTest(name):
                path = pcap(self.folder / "link.pcap", [head + one for one in ip], link=link, order=order)
                packets = self.compare(path)
                self.assertTrue(all("IPv4" in packet.layers for packet in packets))
        path = pcap(self.folder / "odd.pcap", ip, link=147)
        self.assertEqual(len(parse(self.run_layers("show", path))), len(ip), "不认识的链路类型也列出来")

    def test_stacked_vlans_and_padding(self):
        frame = frames_of(self.build("--payload", "x"))[2]
        double = frame[:12] + bytes.fromhex("8100 6064 8100 100a") + frame[12:]
        old = frame[:12] + struct.pack("!H", 3) + b"abc" + bytes(43)
        padded = frame + bytes(60 - len(frame))
        packets = self.compare(pcap(self.folder / "vlan.pcap", [double, padded, old]))
        self.assertEqual(packets[0].layers, ["以太网", "VLAN", "VLAN", "IPv4", "UDP"])
        self.assertIn(f"  填充 偏移 {len(frame)},{60 - len(frame)} 字节:不属于 IP 或 ARP", packets[1].text)

    def test_pcapng_is_named(self):
        need("editcap")
        path, other = self.build(), self.folder / "other.pcapng"
        subprocess.run(["editcap", "-F", "pcapng", path, other], check=True, timeout=60)
        errors = self.run_layers("show", other, code=1)
        self.assertIn(".pcapng", errors)
        command = re.search(r"editcap -F pcap", errors)
        self.assertTrue(command, f"应当说怎样转换:{errors}")
        back = self.folder / "back.pcap"
        subprocess.run([*command[0].split(), other, back], check=True, timeout=60)
        self.compare(back)

    def test_damaged_files(self):
        whole = self.build().read_bytes()
        path = self.folder / "damaged.pcap"
        for length in (0, 3, 4, 23):
            path.write_bytes(whole[:length])
            self.assertIn("不是抓包文件", self.run_layers("show", path, code=1))
        path.write_bytes(whole[:24])
        self.assertIn("一共 0 个包", self.run_layers("show", path))
        path.write_bytes(whole[:-1])
        program = self.course("packet-layers", "show", path)
        self.assertEqual(program.end_input().wait(), 1)
        self.assertIn("在一个包的中间结束", program.errors.text())
        self.assertEqual(len(parse(program.output.text())), 7, "前面的包应当都打印出来")
        big = struct.pack("<IIII", 0, 0, 1 << 20, 1 << 20) + bytes(1 << 20)
        path.write_bytes(pcap(self.folder / "head.pcap", []).read_bytes() + big)
        self.assertIn("1048576 字节", self.run_layers("show", path, code=1))


class Captured(PacketsTest):
    """真的对话:在自己的网络命名空间里抓。"""

    def setUp(self):
        super().setUp()
        need("unshare", "nsenter", "ip", "dumpcap")
        if os.geteuid() != 0 or subprocess.run(["unshare", "-n", "true"], check=False).returncode:
            missing("抓包要 root 和网络命名空间")

    def capture(self, scene, *options):
        """在新的命名空间里演一场,返回抓到的文件。"""
        path = self.folder / f"{scene}.pcap"
        child = self.start(["unshare", "-n", *python(Path(__file__).resolve(), scene, path, *options)])
        code = child.end_input().wait(f"抓 {scene} 应当结束", patience=60)
        self.assertEqual(code, 0, f"抓 {scene} 没有成功:{child.errors.text()}")
        return path

    def test_loopback(self):
        packets = self.compare(self.capture("loopback"))
        print(f"\n真的回环对话:{len(packets)} 个包,{self.compared} 个字段一致", file=sys.stderr)
        layers = {layer for packet in packets for layer in packet.layers}
        wanted = {"以太网", "IPv4", "IPv6", "UDP", "TCP", "ICMP", "ICMPv6"}
        self.assertLessEqual(wanted, layers, "应当都有")
        text = "\n".join(line for packet in packets for line in packet.text)
        self.assertIn("只算了伪首部", text, "回环上的校验和没有补完")
        self.assertNotIn("错误,应当是", text, "回环上没有错的校验和")

    def test_loopback_with_a_small_mtu(self):
        packets = self.compare(self.capture("loopback", "1500"))
        offsets = {value for packet in packets for value in packet.values("IPv4", "片偏移")}
        self.assertLessEqual({"0", "185(第 1480 字节起)", "370(第 2960 字节起)"}, offsets)
        output = self.run_layers("show", self.folder / "loopback.pcap")
        self.assertRegex(output, r"3 个分片到齐,重组成 4008 字节:\n  UDP")

    def test_truncating_capture(self):
        packets = self.compare(self.capture("loopback", "65536", "40"), cut=True)
        self.assertTrue(any("抓包时截断了" in packet.text[0] for packet in packets))

    def test_any_interface(self):
        packets = self.compare(self.capture("any"))
        self.assertTrue(all(packet.layers[0].startswith("Linux SLL") for packet in packets))

    def test_arp_and_neighbours(self):
        frames = self.build("--vlan", "7")
        packets = self.compare(self.capture("ethernet", frames))
        layers = {layer for packet in packets for layer in packet.layers}
        self.assertLessEqual({"ARP", "VLAN", "IPv4", "ICMPv6"}, layers)
        asked = [packet for packet in packets if packet.values("ARP", "目标 IP") == ["192.0.2.77"]]
        self.assertTrue(asked, "问不存在的主机,应当有 ARP 请求")
        for packet in asked:
            self.assertEqual(packet.captured, 42)
            self.assertEqual(packet.values("以太网", "目的 MAC"), ["ff:ff:ff:ff:ff:ff(广播)"])
            self.assertEqual(packet.values("ARP", "目标 MAC"), ["00:00:00:00:00:00"])
        replies = [packet for packet in packets if packet.values("ARP", "操作") == ["2(应答)"]
                   and not packet.values("VLAN", "VLAN 编号")]
        self.assertTrue(replies, "应当有 ARP 应答")
        self.assertNotIn("广播", "".join(replies[0].values("以太网", "目的 MAC")), "应答是单播")
        far = [packet for packet in packets if "203.0.113.5" in packet.values("IPv4", "目的地址")]
        self.assertTrue(far, "发往别的网段的报文也应当抓到")
        gateway = replies[0].values("ARP", "发送方 MAC")
        self.assertEqual(far[0].values("以太网", "目的 MAC"), gateway, "目的 MAC 是网关的,目的 IP 不变")
        self.assertNotIn("203.0.113.5", [ip for packet in packets for ip in packet.values("ARP", "目标 IP")],
                         "不会去问别的网段的主机的 MAC")


# ---- 下面在新的网络命名空间里运行:test_packets.py 场景 文件 … ----


def run(*command):
    subprocess.run(command, check=True, timeout=PATIENCE)


def link_up():
    run("ip", "link", "set", "lo", "up")


class Recording:
    """抓 `interface`,直到 LAST 进了文件。"""

    def __init__(self, interface, path, *options):
        self.path = Path(path)
        command = ["dumpcap", "-q", "-P", "-i", interface, "-w", str(path), *options]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        # dumpcap 打开了接口才打印文件名,以后的包都抓得到。
        for line in self.process.stderr:
            if line.startswith("File:"):
                return
        raise RuntimeError("dumpcap 没有开始")

    def finish(self, send_last, marker=LAST[:8]):
        deadline = time.monotonic() + PATIENCE
        while marker not in self.path.read_bytes():
            if time.monotonic() > deadline:
                raise RuntimeError("最后的数据报没有抓到")
            send_last()
            time.sleep(0.05)
        self.process.send_signal(2)
        self.process.wait(PATIENCE)


def echo_udp(stack, host, family, sizes):
    server = stack.enter_context(closing(socket.socket(family, socket.SOCK_DGRAM)))
    client = stack.enter_context(closing(socket.socket(family, socket.SOCK_DGRAM)))
    for sock in (server, client):
        sock.settimeout(PATIENCE)
    server.bind((host, 0))
    for size in sizes:
        client.sendto(b"\xe4\xbd\xa0" * (size // 3) + b"x" * (size % 3), server.getsockname())
        data, peer = server.recvfrom(65_535)
        server.sendto(data, peer)
        client.recvfrom(65_535)


def talk_tcp(host, family, size):
    with socket.socket(family) as listener:
        listener.bind((host, 0))
        listener.listen()
        with socket.socket(family) as client:
            client.settimeout(PATIENCE)
            client.connect(listener.getsockname())
            server, _ = listener.accept()
            with server:
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                server.recv(1024)
                server.sendall(b"y" * size)
                server.shutdown(socket.SHUT_WR)
                while client.recv(65_536):
                    pass


def knock(host, family):
    """发到没有程序的端口:ICMP 会说不可达。"""
    with socket.socket(family, socket.SOCK_DGRAM) as probe, socket.socket(family, socket.SOCK_DGRAM) as sender:
        probe.bind((host, 0))
        nobody = probe.getsockname()
        probe.close()
        sender.settimeout(PATIENCE)
        sender.connect(nobody)
        sender.send(b"anybody?")
        try:
            sender.recv(1)
        except ConnectionRefusedError:
            pass
    with socket.socket(family) as sender:
        try:
            sender.connect(nobody)
        except ConnectionRefusedError:
            pass


def ping(host):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw_socket:
        message = struct.pack("!BBHHH", 8, 0, 0, 0x1234, 1) + b"ping"
        total = sum(struct.unpack(f"!{len(message) // 2}H", message))
        total = (total & 0xFFFF) + (total >> 16)
        message = message[:2] + struct.pack("!H", ~total & 0xFFFF) + message[4:]
        raw_socket.sendto(message, (host, 0))


def converse(stack):
    for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
        echo_udp(stack, host, family, (0, 1, 18, 1473, 4000))
        talk_tcp(host, family, 100_000)
        knock(host, family)
    ping("127.0.0.1")


def send_last(host="127.0.0.1"):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        try:
            # 只看开头几个字节:截断的抓包里也要认得出来。
            sender.sendto(LAST, (host, 9))
        except OSError:
            pass


def scene_loopback(path, mtu="65536", snaplen="0"):
    link_up()
    run("ip", "link", "set", "lo", "mtu", mtu)
    short = int(snaplen or 0)
    options = ["-s", snaplen] if short else []
    recording = Recording("lo", path, *options)
    with ExitStack() as stack:
        converse(stack)
        # 截断的包里没有数据,认它抓了多长、原来多长:别的包没有这么长的。
        whole = 14 + 20 + 8 + len(LAST)
        marker = struct.pack("<II", min(short, whole), whole) if short else LAST[:8]
        recording.finish(send_last, marker)


def scene_any(path):
    link_up()
    recording = Recording("any", path)
    with ExitStack() as stack:
        converse(stack)
        recording.finish(send_last)


def scene_ethernet(path, built):
    """一对 veth,两头在两个命名空间里:有真的 ARP、邻居发现、1500 的 MTU。"""
    link_up()
    peer = subprocess.Popen(["unshare", "-n", "sleep", "60"])
    try:
        while os.readlink(f"/proc/{peer.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            time.sleep(0.01)
        run("ip", "link", "add", "name", "left", "type", "veth", "peer", "name", "right")
        run("ip", "link", "set", "right", "netns", str(peer.pid))
        inside = ["nsenter", "-t", str(peer.pid), "-n", "ip"]
        for command, name, address in ((["ip"], "left", "192.0.2.1/24"), (inside, "right", "192.0.2.2/24")):
            run(*command, "address", "add", address, "dev", name)
            run(*command, "link", "set", name, "up")
        # 别的网段都交给对面那台:它是网关。
        run("ip", "route", "add", "203.0.113.0/24", "via", "192.0.2.2")
        recording = Recording("left", path)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x" * 4000, ("192.0.2.2", 9999))
            sender.sendto(b"who?", ("192.0.2.77", 9999))
            sender.sendto(b"far away", ("203.0.113.5", 9999))
        # 我们写的帧,真的送上网线。
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
            wire.bind(("left", 0))
            for frame in frames_of(built):
                wire.send(frame)
        recording.finish(lambda: send_last("192.0.2.2"))
    finally:
        peer.kill()
        peer.wait()


if __name__ == "__main__":
    scenes = {"loopback": scene_loopback, "any": scene_any, "ethernet": scene_ethernet}
    if len(sys.argv) > 2 and sys.argv[1] in scenes:
        scenes[sys.argv[1]](*sys.argv[2:])
    else:
        unittest.main()
