"""广播与组播:课程的程序和 Python 写的成员互相找到;检查认得出写错的;真的网络在网络命名空间里试。

同一个文件也是那些 Python 成员:test_cast.py server|find 毛病 地址 …(见 member_server、member_find)。
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from support import BIN_DIR, ENVIRONMENT, PATIENCE, InteropTest, binary, missing, need, python, until

HERE = Path(__file__).resolve()
GROUP = "239.255.80.83"
EVERYONE = "127.255.255.255"


# ---- Python 写的成员:标准的写法,和几种写错的 ----


def shared(address, port, flaw="none"):
    """等在广播地址或组上的套接字,和别的程序共用端口。"""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if flaw != "no-reuse":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    if address == GROUP or address.startswith("239."):
        if flaw != "no-join":
            member = socket.inet_aton(address) + socket.inet_aton("127.0.0.1")
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        # Linux:只要自己加入的组,不要别的程序加入的(Python 没有 IP_MULTICAST_ALL 这个名字)。
        sock.setsockopt(socket.IPPROTO_IP, 49, 0)
    return sock


def member_server(flaw, listen, *words):
    """回答「谁在」的回声服务器。"""
    import select

    options = dict(zip(words[::2], words[1::2]))
    name = options.get("--name", "蟒蛇").encode()
    host, port = listen.rsplit(":", 1)
    service = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    service.bind((host, int(port)))
    group, meet = options.get("--group", f"{GROUP}:8090").rsplit(":", 1)
    members = [shared(group, int(meet), flaw)]
    if flaw != "no-broadcast":
        members.append(shared(EVERYONE, int(meet), flaw))
    print("监听 %s:%d" % service.getsockname(), flush=True)
    while True:
        for sock in select.select([service, *members], [], [])[0]:
            data, peer = sock.recvfrom(65536)
            pattern = rb"udp-cast\? ([0-9a-fA-F]+)" if flaw == "loose" else rb"udp-cast\? ([0-9a-f]{16})"
            found = re.fullmatch(pattern, data)
            via = sock if flaw == "answers-from-group" else service
            if found:
                number = b"0" * 16 if flaw == "own-id" else found[1]
                via.sendto(b"udp-cast! " + number + b" " + (b"fixed" if flaw == "fixed-name" else name), peer)
            elif sock is service or flaw == "echoes-all":
                service.sendto(data, peer)


def member_find(flaw, target):
    """问「谁在」,列出两秒内的回答。"""
    host, port = target.rsplit(":", 1)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    if flaw != "no-broadcast":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
    number = os.urandom(8).hex()
    sock.sendto(f"udp-cast? {number}".encode(), (host, int(port)))
    deadline = time.monotonic() + 2
    found = {}
    while True:
        left = 2 if flaw == "restarts-wait" else deadline - time.monotonic()
        if left <= 0:
            break
        sock.settimeout(left)
        try:
            data, peer = sock.recvfrom(65536)
        except TimeoutError:
            break
        head = f"udp-cast! {number} ".encode()
        if flaw == "no-id":
            head = b"udp-cast! " if b"forged" in data else head
        if not data.startswith(head):
            continue
        name = data[len(head):].decode(errors="backslashreplace")
        if flaw != "raw-names":
            name = name.encode("unicode_escape").decode("ascii") if not name.isprintable() else name
        key = len(found) if flaw == "repeats" else peer
        found.setdefault(key, (peer, name))
        if flaw == "first-only":
            break
    for peer, name in found.values():
        print("%s:%d  %s" % (*peer, name), flush=True)
    return 0 if found or flaw == "always-zero" else 1


# ---- 测试 ----


def free_port():
    """临时端口之外的一个空闲端口。"""
    for port in range(21000 + os.getpid() % 5000, 32000):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            try:
                sock.bind(("0.0.0.0", port))
                return port
            except OSError:
                continue
    raise AssertionError("找不到空闲的端口")


class Members(InteropTest):
    """课程的程序和 Python 成员在回环接口上互相找到。"""

    def setUp(self):
        self.group = f"{GROUP}:{free_port()}"

    def python_server(self, *words):
        program = self.start(python(HERE, "server", "none", "127.0.0.1:0", "--group", self.group, *words))
        return program, "%s:%d" % self.listening(program)

    def course_server(self, *words):
        program = self.course("udp-cast", "server", "127.0.0.1:0", "--group", self.group, *words)
        return program, "%s:%d" % self.listening(program)

    def found(self, *words):
        program = self.course("udp-cast", "find", "--group", self.group, "--wait", "1500", *words)
        self.assertQuiet(program, "udp-cast find")
        lines = [line.split("  ", 3) for line in program.output.text().splitlines()]
        return {line[0]: (line[2], line[3]) for line in lines}

    def test_find_lists_servers_of_both_kinds(self):
        expected = {
            self.python_server("--name", "蟒蛇一")[1]: ("广播、组播", "蟒蛇一"),
            self.course_server("--name", "课程二")[1]: ("广播、组播", "课程二"),
            self.python_server("--name", "蟒蛇三")[1]: ("广播、组播", "蟒蛇三"),
        }
        self.assertEqual(self.found(), expected, "三个成员应当各列出一次")

    def test_python_finds_the_course_server(self):
        _, address = self.course_server("--name", "课程")
        for target in (self.group, f"{EVERYONE}:{self.group.split(':')[1]}", address):
            finder = self.start(python(HERE, "find", "none", target))
            self.assertQuiet(finder, f"Python 问 {target}")
            self.assertEqual(finder.output.text(), f"{address}  课程\n", f"Python 问 {target}")

    def test_a_member_that_left_is_not_found(self):
        stays = self.course_server("--name", "留下")[1]
        leaves, address = self.course_server("--name", "离开", "--count", "1")
        self.assertEqual(set(self.found()), {stays, address}, "两个成员")
        host, port = address.split(":")
        self.udp().sendto(b"bye", (host, int(port)))
        self.assertQuiet(leaves, "收满一个")
        self.assertEqual(set(self.found()), {stays}, "离开的成员不应当再列出")

    def test_without_so_broadcast_nothing_is_sent(self):
        sender = self.course("udp-send", f"{EVERYONE}:9999")
        sender.type("大家好\n").end_input()
        self.assertQuiet(sender, "没有打开 SO_BROADCAST 的 udp-send", code=1)
        self.assertIn("没有权限", sender.errors.text())

    def test_hostile_datagrams_do_not_stop_a_server(self):
        program, address = self.course_server("--name", "结实", "--quiet")
        sock = self.udp()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        port = int(self.group.split(":")[1])
        for target in ((GROUP, port), (EVERYONE, port)):
            for payload in (b"", b"udp-cast? ", os.urandom(65_507), b"udp-cast? " + b"f" * 17, bytes(range(256))):
                sock.sendto(payload, target)
        self.assertEqual(self.found(), {address: ("广播、组播", "结实")}, "之后还应当找得到它")
        self.assertNothingMore(sock, "不是询问的一概不答")
        program.signal(signal.SIGINT)
        self.assertQuiet(program, "Ctrl-C")


class Judged(InteropTest):
    """`cargo course check udp-cast`:写对的全部通过,每一种毛病都被认出来。"""

    def check(self, role, flaw, *options):
        command = python(HERE, role, flaw, "{addr}", *(["{options}"] if role == "server" else []))
        words = ["--role", "server" if role == "server" else "tool", *options]
        program = self.course("course", "check", "udp-cast", *words, "--", *command)
        code = program.wait("检查应当结束", patience=120)
        return code, program.output.text() + program.errors.text()

    def test_right_members_pass(self):
        for role, count in (("server", 7), ("find", 8)):
            code, report = self.check(role, "none")
            self.assertEqual(code, 0, report)
            self.assertIn(f"通过 {count} 条,没有通过 0 条,跳过 0 条", report)

    def fails(self, role, flaw, case):
        with self.subTest(role=role, flaw=flaw):
            code, report = self.check(role, flaw, "--only", case)
            self.assertEqual(code, 1, f"{flaw} 应当通不过 {case}:{report}")
            self.assertIn(f"({case})", report)
            self.assertIn(f"--only {case}", report)

    def test_flawed_servers_are_recognised(self):
        self.fails("server", "own-id", "who")
        self.fails("server", "fixed-name", "who-name")
        self.fails("server", "loose", "who-else")
        self.fails("server", "no-join", "who-multicast")
        self.fails("server", "answers-from-group", "who-multicast")
        self.fails("server", "no-broadcast", "who-broadcast")
        self.fails("server", "no-reuse", "who-shared")
        self.fails("server", "echoes-all", "who-quiet")

    def test_flawed_finders_are_recognised(self):
        self.fails("find", "first-only", "find-multicast")
        self.fails("find", "no-broadcast", "find-broadcast")
        self.fails("find", "repeats", "find-once")
        self.fails("find", "no-id", "find-id")
        self.fails("find", "raw-names", "find-escape")
        self.fails("find", "always-zero", "find-none")
        self.fails("find", "restarts-wait", "find-noise")


class Network(InteropTest):
    """两台「机器」(网络命名空间)和中间的一根「网线」(veth):真的广播、组播、IGMP、MLD。"""

    @classmethod
    def setUpClass(cls):
        need("ip", "tshark")
        if os.geteuid() != 0:
            missing("要 root 才能建网络命名空间")

    def setUp(self):
        # 接口名最多 15 个字符。
        self.device = f"vc{os.getpid()}"
        self.near, self.far = f"cast-near-{os.getpid()}", f"cast-far-{os.getpid()}"
        for name in (self.near, self.far):
            result = subprocess.run(["ip", "netns", "add", name], capture_output=True)
            if result.returncode != 0:
                missing(f"不能建网络命名空间:{result.stderr.decode()}")
            self.addCleanup(subprocess.run, ["ip", "netns", "del", name], check=False)
        self.ip("link", "add", self.device, "netns", self.near, "type", "veth", "peer", "name", self.device, "netns", self.far)
        for name, number in ((self.near, 1), (self.far, 2)):
            self.ip("-n", name, "link", "set", "lo", "up")
            # 不要自动的 fe80 地址:它会在一两秒内不能用(重复地址检测)。
            self.ip("-n", name, "link", "set", self.device, "addrgenmode", "none")
            self.ip("-n", name, "link", "set", self.device, "up")
            self.ip("-n", name, "addr", "add", f"10.80.0.{number}/24", "brd", "+", "dev", self.device)
            self.ip("-n", name, "addr", "add", f"fe80::{number}/64", "dev", self.device, "nodad")
        until(lambda: self.carries(), "网线的两头应当都通了")

    def ip(self, *words):
        subprocess.run(["ip", *words], check=True)

    def carries(self):
        shown = subprocess.run(["ip", "-j", "-n", self.near, "link", "show", self.device], check=True, capture_output=True)
        return json.loads(shown.stdout)[0]["operstate"] == "UP"

    def cast(self, where, *words):
        return self.start(["ip", "netns", "exec", where, binary("udp-cast"), *words])

    def server(self, where, listen, name):
        program = self.cast(where, "server", listen, "--lan", "--name", name)
        program.output.wait(r"^监听 \S+:8080\n", "第一行应当是「监听」")
        return program

    def found(self, bind, *words):
        program = self.cast(self.near, "find", "--wait", "1200", "--lan", "--bind", bind, *words)
        program.wait("find 应当结束")
        lines = [line.split("  ", 3) for line in program.output.text().splitlines()]
        return {line[3]: line[2] for line in lines}

    def capture(self):
        folder = Path(tempfile.mkdtemp(prefix="interop-cast-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        file = folder / "wire.pcapng"
        argv = ["ip", "netns", "exec", self.near, "tshark", "-q", "-n", "-i", self.device, "-w", str(file)]
        program = self.start(argv, stdin=subprocess.DEVNULL)
        try:
            program.errors.wait(r"Capture started", "tshark 应当开始抓包")
        except AssertionError:
            missing(f"抓不了包:{program.errors.text()[-500:]}")
        return file

    def wire(self, file, display, *fields):
        """抓到的包里合乎 `display` 的,每个一行字段。"""
        words = [word for field in fields for word in ("-e", field)]
        argv = ["tshark", "-n", "-r", str(file), "-Y", display, "-T", "fields", *words]
        result = subprocess.run(argv, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE * 3)
        return [tuple(line.split("\t")) for line in result.stdout.decode().splitlines()]

    def seen(self, file, what, display, *fields):
        return until(lambda: self.wire(file, display, *fields), f"网线上应当看到{what}")

    def test_ipv4(self):
        file = self.capture()
        far = self.server(self.far, "10.80.0.2:8080", "远")
        self.server(self.near, "10.80.0.1:8080", "近")
        # 加入组:IGMPv3 报告,发给 224.0.0.22,TTL 1(RFC 3376 §4)。
        joined = self.seen(file, "加入组的报告", "igmp.record_type == 4 && ip.src == 10.80.0.2", "igmp.maddr", "ip.dst", "ip.ttl")
        self.assertEqual(joined[0], ("239.255.80.80", "224.0.0.22", "1"))
        both = {"近": "广播、组播", "远": "广播、组播"}
        self.assertEqual(self.found("10.80.0.1:0"), both, "两台机器都应当找到,各一次")
        self.assertEqual(self.found("10.80.0.1:0", "--no-loop"), {"近": "广播", "远": "广播、组播"}, "关掉 IP_MULTICAST_LOOP,组播不给本机")
        self.assertEqual(self.found("10.80.0.1:0", "10.80.0.255:8090"), {"近": "单播", "远": "单播"}, "定向广播")
        only_here = self.found("10.80.0.1:0", "239.255.80.80:8090", "--ttl", "0")
        self.assertEqual(only_here, {"近": "组播"}, "TTL 0 不出本机")
        self.found("10.80.0.1:0", "239.255.80.80:8090", "--ttl", "5")
        asked = self.seen(file, "TTL 5 的询问", "udp.dstport == 8090 && ip.ttl == 5", "eth.dst", "ip.dst")
        self.assertEqual(asked, [("01:00:5e:7f:50:50", "239.255.80.80")], "组播的 MAC 由组地址的低 23 位得来")
        asked = self.wire(file, "udp.dstport == 8090 && ip.ttl != 5", "eth.dst", "ip.dst", "ip.ttl")
        everyone = ("ff:ff:ff:ff:ff:ff", "255.255.255.255", "64")
        group = ("01:00:5e:7f:50:50", "239.255.80.80", "1")
        self.assertEqual(asked, [everyone, group, everyone, group, ("ff:ff:ff:ff:ff:ff", "10.80.0.255", "64")])
        answers = self.wire(file, "udp.srcport == 8080", "ip.src", "ip.dst")
        self.assertEqual(answers, [("10.80.0.2", "10.80.0.1")] * 6, "一个询问一个回答,单播,从服务器自己的地址")
        far.signal(signal.SIGINT)
        far.wait("Ctrl-C")
        left = self.seen(file, "离开组的报告", "igmp.record_type == 3 && ip.src == 10.80.0.2", "igmp.maddr")
        self.assertEqual(left[0], ("239.255.80.80",), "程序结束,系统替它离开")

    def test_ipv6(self):
        file = self.capture()
        self.server(self.far, f"[fe80::2%{self.device}]:8080", "远六")
        self.server(self.near, f"[fe80::1%{self.device}]:8080", "近六")
        # 加入组:MLDv2 报告,记录类型 4 是「改为除外」(RFC 3810 §5.2)。
        display = "icmpv6.mldr.mar.multicast_address == ff12::8080 && icmpv6.mldr.mar.record_type == 4"
        self.seen(file, "加入组的报告", display, "frame.number")
        bind = f"[fe80::1%{self.device}]:0"
        self.assertEqual(self.found(bind), {"近六": "组播", "远六": "组播"}, "IPv6 只有组播")
        asked = self.seen(file, "询问", "udp.dstport == 8090", "eth.dst", "ipv6.dst", "ipv6.hlim")
        self.assertEqual(asked, [("33:33:00:00:80:80", "ff12::8080", "1")], "MAC 由组地址的低 32 位得来")

    def test_interface_local_group_stays_here(self):
        file = self.capture()
        for where, number in ((self.near, 1), (self.far, 2)):
            program = self.cast(where, "server", f"[fe80::{number}%{self.device}]:8080", "--lan", "--group", "[ff11::1]:8090", "--name", where)
            program.output.wait(r"^监听 ", "第一行应当是「监听」")
        found = self.found(f"[fe80::1%{self.device}]:0", "--group", "[ff11::1]:8090")
        self.assertEqual(found, {self.near: "组播"}, "ff11 不出本机")
        self.assertEqual(self.wire(file, "ipv6.dst == ff11::1", "frame.number"), [], "网线上不应当看到它")

    def test_default_stays_on_loopback(self):
        file = self.capture()
        self.assertEqual(self.cast(self.far, "find", "--wait", "200").wait("find 应当结束"), 1)
        self.assertEqual(self.cast(self.near, "find", "--wait", "200").wait("find 应当结束"), 1)
        # 网线是通的:再送一个真的,它之前什么也没有。
        self.found("10.80.0.1:0", "10.80.0.2:9")
        seen = self.seen(file, "真的那一个", "udp && !icmp", "ip.dst", "udp.dstport")
        self.assertEqual(seen, [("10.80.0.2", "9")], "没有 --lan,网线上不应当有它的数据报")


if __name__ == "__main__":
    if sys.argv[1:2] == ["server"]:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        member_server(*sys.argv[2:])
    elif sys.argv[1:2] == ["find"]:
        sys.exit(member_find(*sys.argv[2:]))
    else:
        unittest.main()
