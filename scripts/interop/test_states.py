"""tcp-states 与 ss、tshark 对照:它显示的状态,ss 也这样说,网线上的报文段也推得出来。

抓包要 root,在测试自己建的网络命名空间里做,不碰这台机器的网络。
用到 ss、ip(Debian 的 iproute2),tshark、dumpcap(tshark、wireshark-common),unshare(util-linux)。
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from contextlib import suppress
from pathlib import Path

from support import PATIENCE, InteropTest, binary, missing, need, python, until

# ss 的写法 → RFC 9293 的名字。
SS_NAMES = {
    "LISTEN": "LISTEN",
    "SYN-SENT": "SYN-SENT",
    "SYN-RECV": "SYN-RECEIVED",
    "ESTAB": "ESTABLISHED",
    "FIN-WAIT-1": "FIN-WAIT-1",
    "FIN-WAIT-2": "FIN-WAIT-2",
    "CLOSE-WAIT": "CLOSE-WAIT",
    "CLOSING": "CLOSING",
    "LAST-ACK": "LAST-ACK",
    "TIME-WAIT": "TIME-WAIT",
}

# 11 个状态,加上没有连接。
ALL = set(SS_NAMES.values()) | {"CLOSED"}

# 显示状态的实验:参数。
SCENES = [
    ["life"],
    ["life", "--close", "server"],
    ["life", "--hold"],
    ["life", "--hold", "--close", "server"],
    ["close-wait"],
    ["simultaneous"],
]

# 抓包时,这个数据报到了文件里,前面的就都到了。
LAST = b"the last datagram"


def ends_of(output):
    """第一行:[(名字, 端口)],先客户端(甲)。"""
    found = re.match(r"(\S+) 127\.0\.0\.1:(\d+),(\S+) 127\.0\.0\.1:(\d+)\n", output)
    if not found:
        raise AssertionError(f"第一行应当是两端的地址:{output}")
    return [(found[1], int(found[2])), (found[3], int(found[4]))]


def changes(output, name):
    """这一端依次显示过的状态。"""
    return re.findall(rf"^{name} ([A-Z][A-Z0-9-]+) ", output, re.M)


def ss(port, peer):
    """ss 说的这一端的状态;没有连接就看有没有监听。"""
    command = ["ss", "-tan", "-H", f"sport = :{port}"]
    rows = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout
    states = {}
    for row in rows.splitlines():
        state, _, _, _, remote = row.split()[:5]
        states[remote] = SS_NAMES[state]
    return states.get(f"127.0.0.1:{peer}") or states.get("0.0.0.0:*") or "CLOSED"


class WithSs(InteropTest):
    """每一步都停下来,问 ss。"""

    def setUp(self):
        need("ss")
        if not sys.platform.startswith("linux"):
            missing("ss 只有 Linux 上有")

    def test_every_step(self):
        compared, seen = 0, set()
        for words in SCENES:
            with self.subTest(words=words):
                states = self.follow(words)
                compared += len(states)
                seen.update(state for step in states for state in step)
        self.assertEqual(seen, ALL, "这几个实验合起来,应当到过每一个状态")
        print(f"\ntcp-states 与 ss 一致:{compared} 步,{len(seen)} 种状态", file=sys.stderr)

    def follow(self, words):
        """演一场,每停一次就比较;返回每一步两端的状态。"""
        program = self.course("tcp-states", *words, "--step")
        states = []
        while True:
            prompts = len(states) + 1
            until(
                lambda: program.errors.text().count("按回车继续") >= prompts
                or program.process.poll() is not None,
                "应当停下来等回车,或者结束",
            )
            if program.process.poll() is not None:
                break
            states.append(self.compare(program, f"{words} 第 {prompts} 步"))
            program.type_line("")
        self.assertQuiet(program, f"{words}")
        # 最后的表与一步一步看到的相同。
        table = re.findall(r"^([A-Z][A-Z0-9-]+) +([A-Z][A-Z0-9-]+)  ", program.output.text(), re.M)
        self.assertEqual([list(row) for row in table], states, f"{words} 的表")
        return states

    def compare(self, program, what):
        """停着的时候,显示的就是 ss 说的;给出两端的状态。"""
        pair = None

        def agree():
            nonlocal pair
            output = program.output.text()
            (one, client), (other, server) = ends_of(output)
            shown = [(["CLOSED"] + changes(output, name))[-1] for name in (one, other)]
            pair = shown, [ss(client, server), ss(server, client)]
            return pair[0] == pair[1]

        # 提示和状态从两根管道来,提示先到时再看一次。
        until(agree, lambda: f"{what}:显示的和 ss 说的应当一样,却是 {pair}\n{program.output.text()}")
        return pair[1]


class End:
    """只看网线上的报文段,推出一端的状态(RFC 9293 §3.3.2)。"""

    def __init__(self, listening):
        self.states = ["LISTEN" if listening else "CLOSED"]
        self.fin = None  # 自己的 FIN 的序号
        self.heard_fin = False
        self.syn_acked = False

    def go(self, state):
        if self.states[-1] != state:
            self.states.append(state)

    def sends(self, segment, other):
        now = self.states[-1]
        if segment.syn and now in ("CLOSED", "LISTEN", "SYN-SENT"):
            self.go("SYN-RECEIVED" if segment.ack else "SYN-SENT")
        elif now == "SYN-SENT" and segment.ack:
            # 确认了对方的 SYN,自己的也一定被确认了。
            self.go("ESTABLISHED")
        now = self.states[-1]
        if segment.ack and other.fin is not None and segment.ack_number > other.fin and not self.heard_fin:
            self.heard_fin = True
            after = {"ESTABLISHED": "CLOSE-WAIT", "FIN-WAIT-1": "CLOSING", "FIN-WAIT-2": "TIME-WAIT"}
            self.go(after.get(now, now))
        if segment.fin and self.fin is None:
            self.fin = segment.number + segment.length
            self.go("LAST-ACK" if self.heard_fin else "FIN-WAIT-1")

    def hears(self, segment):
        now = self.states[-1]
        if now == "SYN-RECEIVED" and segment.ack and not segment.syn:
            self.go("ESTABLISHED")
        if segment.ack and self.fin is not None and segment.ack_number > self.fin:
            after = {"FIN-WAIT-1": "FIN-WAIT-2", "CLOSING": "TIME-WAIT", "LAST-ACK": "CLOSED"}
            self.go(after.get(now, now))
        if segment.rst:
            self.go("CLOSED")


class Segment:
    """抓到的一个报文段。"""

    FIELDS = ["tcp.srcport", "tcp.dstport", "tcp.seq", "tcp.ack", "tcp.len",
              "tcp.flags.syn", "tcp.flags.ack", "tcp.flags.fin", "tcp.flags.reset"]

    def __init__(self, row):
        values = row.split("\t")
        self.source, self.target, self.number, self.ack_number, self.length = map(int, values[:5])
        self.syn, self.ack, self.fin, self.rst = (value in ("1", "True") for value in values[5:])

    def flags(self):
        names = [("syn", "SYN"), ("fin", "FIN"), ("rst", "RST"), ("ack", "ACK")]
        return "+".join(title for name, title in names if getattr(self, name))


def follow_wire(segments, ports, listening):
    """两端依次经过的状态。"""
    client, server = End(False), End(listening)
    for segment in segments:
        sender, receiver = (client, server) if segment.source == ports[0] else (server, client)
        sender.sends(segment, receiver)
        receiver.hears(segment)
        if segment.rst:
            sender.go("CLOSED")
    return client.states, server.states


def is_subsequence(shorter, longer):
    rest = iter(longer)
    return all(state in rest for state in shorter)


class WithoutTable(InteropTest):
    """没有 /proc 的沙箱:看状态的实验说明原因,只看系统调用的结果的照样做。"""

    def setUp(self):
        need("unshare", "mount")
        if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
            missing("遮住 /proc 要 root 和挂载命名空间")

    def run_hidden(self, *words):
        script = 'mount -t tmpfs none /proc && exec "$0" "$@"'
        program = self.start(["unshare", "-m", "sh", "-c", script, binary("tcp-states"), *words])
        code = program.end_input().wait()
        return code, program.output.text(), program.errors.text()

    def test_states_can_not_be_seen(self):
        for words in (["life"], ["watch", "8080"]):
            code, _, errors = self.run_hidden(*words)
            self.assertEqual(code, 1, errors)
            self.assertRegex(errors, "^错误:读不到系统的连接表.*\n提示:")

    def test_results_can_be_seen(self):
        for words, wanted in ((["reset"], "ECONNRESET"), (["time-wait"], "成功"), (["backlog", "1"], "看不到")):
            code, output, errors = self.run_hidden(*words)
            self.assertEqual(code, 0, errors)
            self.assertIn(wanted, output)
            self.assertEqual(errors.count("错误:"), 1, errors)


class WithTshark(InteropTest):
    """抓一场,从报文段推出状态。"""

    def setUp(self):
        need("tshark", "dumpcap", "unshare", "ip")
        if os.geteuid() != 0 or subprocess.run(["unshare", "-n", "true"], check=False).returncode:
            missing("抓包要 root 和网络命名空间")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_every_scene(self):
        total = 0
        for words in SCENES:
            with self.subTest(words=words):
                output, segments, ports = self.capture(words)
                total += len(segments)
                wire = follow_wire(segments, ports, listening=words[0] != "simultaneous")
                for (name, _), states in zip(ends_of(output), wire):
                    shown = changes(output, name)
                    detail = f"{words}:{name}显示 {shown},报文段推出 {states}\n{self.listing(segments, ports)}"
                    self.assertTrue(is_subsequence(shown, states), detail)
                    self.assertEqual(shown[-1], states[-1], detail)
        print(f"\n从 {total} 个报文段推出的状态,与 tcp-states 显示的一致", file=sys.stderr)

    def test_plain_life_is_as_short_as_it_can_be(self):
        for words in (["life"], ["life", "--close", "server"]):
            with self.subTest(words=words):
                _, segments, ports = self.capture(words)
                listing = self.listing(segments, ports)
                flags = [segment.flags() for segment in segments]
                self.assertEqual(flags[:3], ["SYN", "SYN+ACK", "ACK"], listing)
                self.assertEqual(sum("FIN" in flag for flag in flags), 2, listing)
                self.assertNotIn("RST", "".join(flags), listing)
                # SYN、FIN 各占一个序号:FIN 的序号是 1 加上发出的字节数。
                sent = {port: sum(one.length for one in segments if one.source == port) for port in ports}
                for fin in (one for one in segments if one.fin):
                    self.assertEqual(fin.number + fin.length, 1 + sent[fin.source], listing)

    def test_hold_loses_and_repeats(self):
        _, segments, ports = self.capture(["life", "--hold"])
        listing = self.listing(segments, ports)
        for flags in ("SYN+ACK", "FIN+ACK"):
            self.assertGreater(sum(one.flags() == flags for one in segments), 2 if "FIN" in flags else 1, listing)

    def test_one_reset_for_unread_data(self):
        _, segments, _ = self.capture(["close-wait"])
        self.assertEqual([one.flags() for one in segments if one.rst], ["RST"], "写进已经关掉的连接,引来一个 RST")

    def capture(self, words):
        """在新的命名空间里演一场:(程序的输出, 报文段, 两端的端口)。"""
        path = self.folder / ("-".join(words) + ".pcap")
        argv = ["unshare", "-n", *python(Path(__file__).resolve(), "capture", path, binary("tcp-states"), *words)]
        child = self.start(argv)
        code = child.end_input().wait(f"抓 {words} 应当结束", patience=60)
        self.assertEqual(code, 0, f"抓 {words} 没有成功:{child.errors.text()}")
        output = child.output.text()
        fields = [option for field in Segment.FIELDS for option in ("-e", field)]
        command = ["tshark", "-n", "-r", str(path), "-Y", "tcp", "-T", "fields", *fields]
        rows = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
        ports = [port for _, port in ends_of(output)]
        segments = [Segment(row) for row in rows.splitlines()]
        return output, [one for one in segments if {one.source, one.target} == set(ports)], ports

    def listing(self, segments, ports):
        """报文段一行一个,失败时看。"""
        rows = []
        for one in segments:
            arrow = "->" if one.source == ports[0] else "<-"
            rows.append(f"{arrow} {one.flags():<8} seq={one.number} ack={one.ack_number} 长 {one.length}")
        return "\n".join(rows)


# ---- 下面在新的网络命名空间里运行:test_states.py capture 文件 程序 参数… ----


def send_last():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, suppress(OSError):
        sender.sendto(LAST, ("127.0.0.1", 9))


def capture(path, *command):
    """抓 lo,演一场;程序的输出原样打印。"""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=PATIENCE)
    dumpcap = ["dumpcap", "-q", "-P", "-i", "lo", "-w", path]
    recording = subprocess.Popen(dumpcap, stderr=subprocess.PIPE, text=True)
    # dumpcap 打开了接口才打印文件名,以后的都抓得到。
    if not any(line.startswith("File:") for line in recording.stderr):
        raise RuntimeError("dumpcap 没有开始")
    subprocess.run(command, check=True, timeout=60)

    def arrived():
        send_last()
        return LAST in Path(path).read_bytes()

    until(arrived, "最后的数据报应当抓到")
    recording.send_signal(signal.SIGINT)
    recording.wait(PATIENCE)


if __name__ == "__main__":
    if sys.argv[1:2] == ["capture"]:
        capture(*sys.argv[2:])
    else:
        unittest.main()
