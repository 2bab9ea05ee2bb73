"""DNS:我们的客户端问真的服务器(dnsmasq、unbound),与 dig 比较;Python 写的客户端由 course check 来判。"""

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support import HERE, PATIENCE, WORKSPACE, InteropTest, binary, missing, python, until

STUDENT = HERE / "students" / "dns_client.py"

# 测试用的区;地址都是文档专用的(RFC 5737、RFC 3849)。many 的回答大约 3,200 字节,UDP 装不下。
TEXT = "Hello; \\\"DNS\\\""
LONG_LABEL = "x" * 63
ZONE = [
    ("www.example.test.", "A", ["192.0.2.1"]),
    ("www.example.test.", "AAAA", ["2001:db8::1"]),
    ("two.example.test.", "A", ["192.0.2.2", "192.0.2.3"]),
    ("alias.example.test.", "CNAME", ["www.example.test."]),
    ("example.test.", "MX", ["10 mail.example.test.", "20 backup.example.test."]),
    ("example.test.", "TXT", [f'"{TEXT}" "second"']),
    ("example.test.", "NS", ["ns1.example.test."]),
    ("example.test.", "SOA", ["ns1.example.test. root.example.test. 2026112001 7200 3600 1209600 300"]),
    ("1.2.0.192.in-addr.arpa.", "PTR", ["www.example.test."]),
    ("xn--fiq228c.example.test.", "A", ["192.0.2.4"]),
    (f"{LONG_LABEL}.{LONG_LABEL}.{LONG_LABEL}.example.test.", "A", ["192.0.2.5"]),
    ("many.example.test.", "A", [f"192.0.2.{n}" for n in range(1, 201)]),
]

# 学生常犯的错,哪一条检查认得出,报告里应当有什么话。
FLAWS = {
    "no-rd": ("question", "RD 应当是 1"),
    "fixed-length": ("long-name", "问题不对"),
    "no-pointers": ("answer", "没有显示 192.0.2.7"),
    "first-only": ("many", "没有显示 192.0.2.8"),
    "local-pointers": ("mx", "没有显示 10"),
    "raw": ("txt", "控制字符 ESC 原样打印"),
    "ptr-forward": ("ptr", "应当问 7.2.0.192.in-addr.arpa,却问了 192.0.2.7"),
    "fixed-id": ("unpredictable", "编号猜得中"),
    "fixed-port": ("unpredictable", "源端口总是 31999"),
    "ignores-id": ("wrong-id", "把不该收的回答当了真"),
    "ignores-question": ("wrong-question", "把不该收的回答当了真"),
    "ignores-qr": ("own-question", "把不该收的回答当了真"),
    "unconnected": ("stranger", "把不该收的回答当了真"),
    "takes-anything": ("garbage", "没有显示 192.0.2.7"),
    "loops": ("pointer-loop", "程序还没有结束"),
    "forgives": ("lies", "没有查到,却说一切正常"),
    "small-buffer": ("largest", "没有显示 10.9.0.0"),
    "no-edns": ("edns", "问题里没有 EDNS"),
    "keeps-edns": ("no-edns", "没有显示 192.0.2.7"),
    "no-tcp": ("truncated", "却没有改用 TCP"),
    "one-recv": ("truncated", "没有显示 10.9.8.0"),
    "takes-half": ("tcp-cut", "没有查到,却说一切正常"),
    "no-retry": ("retry", "就没有再问"),
    "ignores-rcode": ("no-such-name", "没有查到,却说一切正常"),
    "one-message": ("no-such-record", "域名是有的"),
}


def zone_lines():
    """区里的每条记录,写成区文件的样子。"""
    for name, kind, contents in ZONE:
        for content in contents:
            yield f"{name} 300 IN {kind} {content}"


class RealServer:
    """真的服务器上,我们的程序与 dig 说的一样。子类给出服务器。"""

    zone = ZONE

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        # 挑一个 UDP 和 TCP 都没有人用的端口;撞上别人,服务器会启动失败,测试会说出来。
        probe = self.udp()
        self.port = probe.getsockname()[1]
        probe.close()
        self.server = f"127.0.0.1:{self.port}"
        self.start_server()
        until(lambda: self.dig("www.example.test.", "A"), "DNS 服务器应当能回答")

    def dig(self, name, kind, *options):
        """dig 的回答部分,一条一行。"""
        command = ["dig", "@127.0.0.1", "-p", str(self.port), "+noall", "+answer", "+tries=1", "+time=1"]
        done = subprocess.run([*command, *options, name, kind], capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode:
            return []
        return sorted(re.sub(r"\s+", " ", line) for line in done.stdout.splitlines())

    def ask(self, name, kind=None):
        """我们的程序:退出码、各条记录、说明。"""
        options = ["--type", kind] if kind else []
        program = self.course("dns-query", name, "--server", self.server, *options)
        code = program.wait("dns-query 应当结束", 30)
        return code, sorted(program.output.text().splitlines()), program.errors.text()

    def test_every_record_as_dig_says(self):
        for name, kind, contents in self.zone:
            with self.subTest(f"{name} {kind}"):
                code, records, errors = self.ask(name, kind)
                self.assertEqual(code, 0, errors)
                self.assertEqual(len(records), len(contents), f"{name} {kind} 的条数:{errors}")
                # 名字的大小写、存活时间、次序都应当一样;dig 的 TXT 与我们的写法也一样。
                self.assertEqual(self.without_ttl(records), self.without_ttl(self.dig(name, kind)))

    @staticmethod
    def without_ttl(records):
        """缓存里的存活时间每秒都在变。"""
        return [re.sub(r"^(\S+) \d+ ", r"\1 ", record) for record in records]

    def test_reverse(self):
        _, records, _ = self.ask("192.0.2.1")
        self.assertEqual(self.without_ttl(records), ["1.2.0.192.in-addr.arpa. IN PTR www.example.test."])

    def test_chinese_name(self):
        _, records, errors = self.ask("中文.example.test")
        self.assertEqual(self.without_ttl(records), ["xn--fiq228c.example.test. IN A 192.0.2.4"])
        self.assertIn("xn--fiq228c", errors)

    def test_large_answer_comes_over_tcp(self):
        code, records, errors = self.ask("many.example.test")
        self.assertEqual((code, len(records)), (0, 200), errors)
        self.assertIn("改用 TCP", errors)
        self.assertRegex(errors, r"TCP 回答 \d{4} 字节,200 条记录")

    def test_no_such_name_and_no_such_record(self):
        code, records, errors = self.ask("nothing.example.test")
        self.assertEqual((code, records), (1, []))
        self.assertIn("NXDOMAIN", errors)
        code, records, errors = self.ask("www.example.test", "MX")
        self.assertEqual((code, records), (1, []))
        self.assertIn("没有 www.example.test. 的 MX 记录", errors)


class Dnsmasq(RealServer, InteropTest):
    """dnsmasq:没有自己的区,NS 和 SOA 由 unbound 来测。"""

    zone = [entry for entry in ZONE if entry[1] not in ("NS", "SOA")]

    def start_server(self):
        path = tool("dnsmasq")
        lines = [
            f"port={self.port}", "listen-address=127.0.0.1", "bind-interfaces", "no-resolv", "no-hosts",
            "no-daemon", "pid-file=", "user=", "local=/example.test/", "local-ttl=300",
        ]
        for name, kind, contents in self.zone:
            name = name.rstrip(".")
            for content in contents:
                words = [word.rstrip(".") for word in content.split(" ")]
                match kind:
                    case "A" | "AAAA":
                        lines.append(f"host-record={name},{content}")
                    case "CNAME":
                        lines.append(f"cname={name},{words[0]}")
                    case "MX":
                        lines.append(f"mx-host={name},{words[1]},{words[0]}")
                    case "PTR":
                        lines.append(f"ptr-record={name},{words[0]}")
                    case "TXT":
                        lines.append(f'txt-record={name},"{TEXT}","second"')
        configuration = self.folder / "dnsmasq.conf"
        configuration.write_text("\n".join(lines) + "\n")
        self.start([path, f"--conf-file={configuration}"])

    def test_alias_is_followed(self):
        code, records, errors = self.ask("alias.example.test")
        self.assertEqual(code, 0, errors)
        self.assertEqual(self.without_ttl(records), [
            "alias.example.test. IN CNAME www.example.test.",
            "www.example.test. IN A 192.0.2.1",
        ])


class Unbound(RealServer, InteropTest):
    """unbound,自己的区写在 local-data 里。"""

    def start_server(self):
        path = tool("unbound")
        data = "\n".join(f"  local-data: '{line}'" for line in zone_lines())
        configuration = self.folder / "unbound.conf"
        configuration.write_text(f"""\
server:
  interface: 127.0.0.1
  port: {self.port}
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{self.folder}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  access-control: 127.0.0.0/8 allow
  module-config: "iterator"
  local-zone: "example.test." static
  local-zone: "2.0.192.in-addr.arpa." static
{data}
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@9
""")
        self.start([path, "-d", "-c", str(configuration)])

    def test_alias_alone(self):
        # unbound 自己的区里,别名不跟到底(unbound.conf(5) 的 local-data)。
        code, records, errors = self.ask("alias.example.test")
        self.assertEqual(code, 1, errors)
        self.assertEqual(self.without_ttl(records), ["alias.example.test. IN CNAME www.example.test."])
        self.assertIn("再问别名指向的 www.example.test.", errors)


def tool(name):
    """服务器的路径:Debian 放在 /usr/sbin,不一定在 PATH 里。"""
    for needed in (name, "dig"):
        found = shutil.which(needed, path="/usr/sbin:/usr/bin:/bin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/sbin")
        if found is None:
            missing(f"没有安装 {needed}")
        if needed == name:
            path = found
    return path


class SystemServer(InteropTest):
    """不写 --server:用系统的服务器。在自己的名字空间里换掉 /etc/resolv.conf,53 端口上是讲义里的服务器。"""

    INSIDE = ("unshare", "--user", "--map-root-user", "--mount", "--net")
    SCRIPT = """
        ip link set lo up && mount --bind "$1" /etc/resolv.conf || exit 9
        shift
        "$1" -u "$2" 127.0.0.1:53 | { read -r ready && "$3" www.example.test; echo "退出码 $?"; kill 0; }
    """

    def ask(self, text):
        """在这样的 resolv.conf 下运行 dns-query,给出它打印的一切。"""
        if shutil.which("unshare") is None or subprocess.run([*self.INSIDE, "true"], capture_output=True).returncode:
            missing("不能建名字空间(unshare --user --net)")
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(text)
            file.flush()
            server = WORKSPACE / "docs/notes/experiments/dns_server.py"
            words = [file.name, sys.executable, str(server), binary("dns-query")]
            program = self.start([*self.INSIDE, "sh", "-c", self.SCRIPT, "sh", *words])
            program.output.wait("退出码 \\d+\n", "dns-query 应当结束")
            program.wait("名字空间里的程序应当都结束")
            return program.output.text(), program.errors.text()

    def test_first_nameserver_is_asked(self):
        output, errors = self.ask("# 注释\nsearch example\nnameserver 127.0.0.1\n")
        self.assertIn("向 127.0.0.1:53 问 www.example.test.", errors)
        self.assertIn("www.example.test. 300 IN A 192.0.2.1\n退出码 0", output)

    def test_next_nameserver_when_the_first_is_gone(self):
        # 127.0.0.2 上没有程序,马上问下一个。
        output, errors = self.ask("nameserver 127.0.0.2\nnameserver 127.0.0.1\n")
        self.assertIn("向 127.0.0.2:53 问", errors)
        self.assertIn("www.example.test. 300 IN A 192.0.2.1\n退出码 0", output)

    def test_no_nameserver_is_explained(self):
        output, errors = self.ask("search example\n")
        self.assertIn("退出码 1", output)
        self.assertIn("错误:不知道系统用哪个 DNS 服务器\n提示:用 --server 指定一个", errors)


class Check(InteropTest):
    """course check dns-query:没有毛病的通过,每一种毛病都被认出来。"""

    def check(self, flaw, only=None):
        narrowed = ["--only", only] if only else []
        chosen = ["--flaw", flaw] if flaw else []
        command = [binary("course"), "check", "dns-query", *narrowed, "--"]
        program = self.start([*command, *python(STUDENT), "{addr}", "{options}", *chosen], cwd=WORKSPACE)
        program.end_input()
        return program.wait("course check 应当结束", 180), program.output.text() + program.errors.text()

    def test_right_client_passes_all(self):
        code, report = self.check(None)
        self.assertEqual(code, 0, report)
        self.assertIn("没有通过 0 条,跳过 0 条", report)

    def test_flaws_are_named(self):
        with ThreadPoolExecutor(4) as pool:
            reports = {flaw: pool.submit(self.check, flaw, only) for flaw, (only, _) in FLAWS.items()}
        for flaw, (only, diagnosis) in FLAWS.items():
            with self.subTest(flaw):
                code, report = reports[flaw].result()
                self.assertEqual(code, 1, f"{flaw} 不应当通过 {only}:\n{report}")
                self.assertIn(diagnosis, report)
                for part in ("为什么", "试试", "读  docs/notes/17-dns-query.md", f"--only {only}"):
                    self.assertIn(part, report)


if __name__ == "__main__":
    unittest.main()
