"""安全的远程命令:用 openssl 探它,用 Python 的 ssl 说它的话,冒充它的服务器,看它记下什么。"""

import contextlib
import hashlib
import json
import os
import re
import shlex
import socket
import ssl
import stat
import struct
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import test_terminal  # 只导入模块:导入了测试类,unittest 会再运行它们一遍
from support import ENVIRONMENT, PATIENCE, InteropTest, binary, need, until

SECURE = os.environ.get("SHELL_BINARY", "shell-secure")

COMMAND, STDIN, STDIN_END, TOKEN = 1, 2, 3, 8
HELLO, STDOUT, STDERR, CONSUMED, DIRECTORY, EXIT, ERROR = 16, 17, 18, 19, 20, 21, 22

# 警报(RFC 8446 §6)。
ALERT = 21


def fingerprint(der):
    return ":".join(f"{byte:02X}" for byte in hashlib.sha256(der).digest())


def frame(kind, content=b""):
    return struct.pack(">IB", 1 + len(content), kind) + content


def secret(path, text):
    """写一个只有自己读得到的文件。"""
    path.touch(mode=0o600)
    path.write_text(text)


class Frames:
    """一条握过手的连接,自己拼帧、拆帧。"""

    def __init__(self, sock):
        self.sock = sock

    def exactly(self, length):
        received = bytearray()
        while len(received) < length:
            chunk = self.sock.recv(length - len(received))
            if not chunk:
                return None
            received += chunk
        return bytes(received)

    def receive(self):
        """一帧的种类和内容;对方说「完了」是 None。"""
        header = self.exactly(4)
        if header is None:
            return None
        body = self.exactly(struct.unpack(">I", header)[0])
        return body and (body[0], body[1:])

    def run(self, line, stdin=None):
        """运行一个命令:(标准输出, 标准错误, 怎样结束, 数值)。"""
        self.sock.sendall(frame(COMMAND, bytes([stdin is not None]) + line.encode()))
        if stdin is not None:
            self.sock.sendall(frame(STDIN, stdin) + frame(STDIN_END))
        output = {STDOUT: b"", STDERR: b"", CONSUMED: b"", DIRECTORY: b""}
        while True:
            kind, content = self.receive()
            if kind == EXIT:
                return output[STDOUT], output[STDERR], *struct.unpack(">BI", content)
            output[kind] += content


class SecureTest(InteropTest):
    """一台服务器,和它存东西的目录。"""

    options = ()

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="shell-secure-")
        self.addCleanup(temporary.cleanup)
        self.base = Path(temporary.name).resolve()
        self.state = self.base / "state"
        self.here = self.base / "here"
        self.here.mkdir()

    def serve(self, *options, **more):
        more.setdefault("cwd", self.here)
        self.program, self.address = self.server(
            SECURE, "server", "127.0.0.1:0", "--state", self.state, *options, **more
        )
        self.target = "{}:{}".format(*self.address)
        return self.program

    def token(self):
        return (self.state / "token").read_text().strip()

    def audit(self, kind):
        lines = (self.state / "audit.jsonl").read_text().splitlines()
        return [event for event in map(json.loads, lines) if event["event"] == kind]

    def refusals(self, count):
        """等到记下了这么多个没有进来的人,给出原因。"""
        until(lambda: len(self.audit("refused")) >= count, f"应当记下 {count} 个没有进来的人")
        return [event["reason"] for event in self.audit("refused")]

    def raw(self):
        sock = socket.create_connection(self.address, PATIENCE)
        self.addCleanup(sock.close)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def context(self):
        """只有 TLS 1.3;谁签的不看,由 `stranger` 看指纹。"""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def stranger(self, context=None):
        """握了手,口令还没有说。没有听到「完了」就断,是错误。"""
        context = context or self.context()
        sock = context.wrap_socket(self.raw(), suppress_ragged_eofs=False)
        self.addCleanup(sock.close)
        announced = self.program.errors.wait(r"指纹:(\S+)", "应当说出指纹")[1]
        self.assertEqual(fingerprint(sock.getpeercert(binary_form=True)), announced)
        return sock

    def frames(self):
        sock = self.stranger()
        sock.sendall(frame(TOKEN, self.token().encode()))
        frames = Frames(sock)
        kind, content = frames.receive()
        self.assertEqual((kind, content), (HELLO, b"\x01\x05utf-8" + str(self.here).encode()))
        return frames

    def client(self, *words, state=None, target=None, **options):
        """我们的客户端,运行到结束:(退出码, 标准输出, 标准错误)。"""
        argv = [binary(SECURE), "client", target or self.target, "--state", state or self.state, *words]
        done = subprocess.run(
            argv, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, timeout=6 * PATIENCE, **options
        )
        self.assertNotIn(b"panicked", done.stderr)
        return done.returncode, done.stdout.decode(), done.stderr.decode()


class ByHand(SecureTest):
    """Python 的 ssl,自己拼帧。"""

    def setUp(self):
        super().setUp()
        self.serve()

    def test_commands(self):
        frames = self.frames()
        self.assertEqual(frames.sock.version(), "TLSv1.3")
        self.assertEqual(frames.run("echo 你好; exit 3"), ("你好\n".encode(), b"", 0, 3))
        content = os.urandom(60_000)
        self.assertEqual(frames.run("cat", content), (content, b"", 0, 0))
        output, _, _, code = frames.run("head -c 10000000 /dev/zero")
        self.assertEqual((len(output), code), (10_000_000, 0))

    def test_goodbye_in_both_directions(self):
        frames = self.frames()
        frames.run("true")
        # unwrap:说「完了」,等对方也说。
        frames.sock.unwrap()
        self.program.output.wait("服务完了", "客户好好地走了")

    def test_the_server_says_goodbye(self):
        sock = self.stranger()
        sock.sendall(frame(TOKEN, b"0123456789abcdef"))
        frames = Frames(sock)
        self.assertEqual(frames.receive(), (ERROR, "口令不对".encode()))
        # suppress_ragged_eofs=False:不是好好结束的,这里会抛异常。
        self.assertIsNone(frames.receive())

    def test_a_client_that_is_cut_off(self):
        frames = self.frames()
        frames.sock.sendall(frame(COMMAND, b"\0sleep 100"))
        self.program.output.wait("运行:sleep 100", "应当运行")
        os.close(frames.sock.detach())
        self.program.output.wait("没有说完就断了", "没有 close_notify")
        until(lambda: self.audit("command"), "命令跟着结束")
        self.assertEqual(self.audit("command")[0]["exit"], {"signal": 15})

    def test_nothing_in_the_clear(self):
        """录下网线上的字节:口令、命令、输出、目录,都不在里面。"""
        seen = bytearray()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(PATIENCE)

            def relay(source, sink):
                with contextlib.suppress(OSError):
                    while chunk := source.recv(1 << 16):
                        seen.extend(chunk)
                        sink.sendall(chunk)
                    sink.shutdown(socket.SHUT_WR)

            def carry():
                front, _ = listener.accept()
                with front, socket.create_connection(self.address, PATIENCE) as back:
                    other = threading.Thread(target=relay, args=(back, front))
                    other.start()
                    relay(front, back)
                    other.join(PATIENCE)

            thread = threading.Thread(target=carry)
            thread.start()
            port = listener.getsockname()[1]
            words = self.program.errors.wait(r"指纹:(\S+)", "应当说出指纹")[1]
            code, output, errors = self.client(
                "--fingerprint", words, "--", "echo SECRET-OUTPUT", target=f"127.0.0.1:{port}"
            )
            thread.join(PATIENCE)
        self.assertEqual((code, output), (0, "SECRET-OUTPUT\n"), errors)
        self.assertGreater(len(seen), 500)
        for hidden in (self.token(), "SECRET", "echo", str(self.here), "utf-8"):
            self.assertNotIn(hidden.encode(), seen)


class Probes(SecureTest):
    """像扫描的人那样,一样一样地试。"""

    def setUp(self):
        super().setUp()
        need("openssl")
        self.serve()

    def s_client(self, *options):
        done = subprocess.run(
            ["openssl", "s_client", "-connect", self.target, *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
        )
        return done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")

    def test_only_1_3(self):
        self.assertRegex(self.s_client("-tls1_3"), r"New, TLSv1\.3, Cipher is TLS_")
        for version in ("-tls1", "-tls1_1", "-tls1_2"):
            said = self.s_client(version, "-cipher", "ALL:@SECLEVEL=0")
            self.assertRegex(said, r"Cipher is \(NONE\)", version)
            # 有的 OpenSSL 自己就不肯说这么旧的版本,一个字节也没有发。
            self.assertRegex(said, r"alert number (70|40)\b|no protocols available", version)

    def test_ciphers(self):
        for suite in ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"):
            self.assertIn(f"Cipher is {suite}", self.s_client("-tls1_3", "-ciphersuites", suite))
        for suite in ("TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"):
            self.assertIn("Cipher is (NONE)", self.s_client("-tls1_3", "-ciphersuites", suite))

    def test_nothing_extra(self):
        said = self.s_client("-tls1_3", "-msg")
        for words in ("Compression: NONE", "Secure Renegotiation IS NOT supported", "Early data was not sent"):
            self.assertIn(words, said)
        # 不发会话票据:没有恢复,也就没有 0-RTT。
        self.assertNotIn("NewSessionTicket", said)
        self.assertNotIn("Post-Handshake", said)

    def test_no_early_data(self):
        """会话票据是别的服务器给的:它不认,早期数据也不要。"""
        need("openssl")
        other = self.base / "session.pem"
        key, certificate = self.base / "k.pem", self.base / "c.pem"
        make_certificate(self.base, key, certificate)
        with socket.create_server(("127.0.0.1", 0)) as placeholder:
            port = placeholder.getsockname()[1]
        server = self.start(
            ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-tls1_3", "-early_data", "-key", key, "-cert", certificate]
        )
        server.output.wait("ACCEPT", "openssl s_server 应当在监听")
        client = self.start(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_3", "-sess_out", other]
        )
        client.output.wait("Verify return code", "应当握了手")
        # 说了一句,openssl 的服务器才发票据。
        client.type_line("hello")
        until(lambda: other.exists() and b"END SSL" in other.read_bytes(), "应当得到会话票据")
        client.end_input()
        client.wait()
        early = self.base / "early"
        early.write_bytes(frame(TOKEN, self.token().encode()) + frame(COMMAND, b"\0touch ran"))
        said = self.s_client("-tls1_3", "-sess_in", str(other), "-early_data", str(early))
        self.assertIn("Early data was rejected", said)
        self.assertRegex(said, r"New, TLSv1\.3")
        self.assertFalse((self.here / "ran").exists())
        self.assertEqual(self.audit("command"), [])

    def test_key_update(self):
        """对方要求换密钥,换了接着用。"""
        program = self.start(["openssl", "s_client", "-connect", self.target, "-tls1_3"])
        program.output.wait("Verify return code", "应当握了手")
        program.type_line("K")
        program.errors.wait("KEYUPDATE", "openssl 应当说换了密钥")
        program.end_input()
        program.wait()
        self.assertEqual(self.refusals(1), ["没有说口令:对方挂断了"])

    def test_plain_and_odd_bytes(self):
        firsts = {
            "命令": frame(COMMAND, b"\0touch ran"),
            "口令和命令": frame(TOKEN, self.token().encode()) + frame(COMMAND, b"\0touch ran"),
            "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
            "SSLv2": b"\x80\x2e\x01\x00\x02" + bytes(43),
            "大的记录": b"\x16\x03\x01\xff\xff\x01",
            "大的握手": b"\x16\x03\x01\x00\x04\x01\xff\xff\xff",
            "应用数据": b"\x17\x03\x03\x00\x05hello",
            "警报": b"\x15\x03\x03\x00\x02\x02\x28",
            "零": bytes(1000),
        }
        for what, first in firsts.items():
            with self.subTest(what):
                sock = self.raw()
                sock.sendall(first)
                sock.shutdown(socket.SHUT_WR)
                answer = b""
                with contextlib.suppress(ConnectionResetError):
                    while chunk := sock.recv(4096):
                        answer += chunk
                self.assertTrue(answer == b"" or answer[0] == ALERT, answer)
        reasons = self.refusals(len(firsts))
        self.assertEqual(len(reasons), len(firsts))
        self.assertFalse((self.here / "ran").exists())
        self.assertEqual(self.audit("command"), [])

    def test_memory_before_the_token(self):
        """一千个说自己要发 4 GiB 的人,服务器不替他们占内存。"""

        def resident():
            status = Path(f"/proc/{self.program.process.pid}/status").read_text()
            return int(re.search(r"VmHWM:\s+(\d+)", status)[1])

        before = resident()
        for _ in range(50):
            strangers = [self.stranger() for _ in range(20)]
            for sock in strangers:
                sock.sendall(struct.pack(">IB", 0xFFFFFFFF, TOKEN) + bytes(1000))
            for sock in strangers:
                with contextlib.suppress(OSError):
                    sock.recv(1)
                sock.close()
        self.assertLess(resident() - before, 8 * 1024)
        self.assertEqual(self.frames().run("echo hi")[0], b"hi\n")


def make_certificate(base, key, certificate, start="20200101000000Z", end="20991231235959Z", ca=False):
    """用 openssl 造一张自己签的证书:`openssl ca` 才能写明起止。"""
    (base / "index").write_text("")
    (base / "ca.cnf").write_text(
        f"""[ca]
default_ca=d
[d]
database={base}/index
new_certs_dir={base}
rand_serial=yes
default_md=sha256
policy=p
[p]
commonName=supplied
[e]
basicConstraints=critical,CA:{str(ca).upper()}
extendedKeyUsage=serverAuth
[req]
distinguished_name=n
[n]
"""
    )
    config = ["-config", base / "ca.cnf"]
    request = base / "request.pem"
    commands = (
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]
        + ["-subj", "/CN=fake", "-keyout", key, "-out", request, *config],
        ["openssl", "ca", "-batch", "-selfsign", "-in", request, "-keyfile", key, "-out", certificate]
        + ["-startdate", start, "-enddate", end, "-extensions", "e", "-notext", *config],
    )
    for command in commands:
        subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=PATIENCE)


class Impostor:
    """Python 的 ssl 扮演的服务器,只接一位,记下他说的。"""

    def __init__(self, test, key, certificate, version=ssl.TLSVersion.TLSv1_3):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = version
        context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE)
        test.addCleanup(self.listener.close)
        self.target = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.heard = b""
        self.thread = threading.Thread(target=self.serve, args=(context,), daemon=True)
        self.thread.start()

    def serve(self, context):
        sock, _ = self.listener.accept()
        sock.settimeout(PATIENCE)
        with contextlib.suppress(OSError), context.wrap_socket(sock, server_side=True) as tls:
            # 读完他说的再关:还有没读的就关,他得到的是复位。
            while b"echo hi" not in self.heard and (chunk := tls.recv(4096)):
                self.heard += chunk
            if not self.heard:
                return
            tls.sendall(frame(HELLO, b"\x01\x05utf-8/") + frame(STDOUT, b"fake\n") + frame(EXIT, bytes(5)))
            tls.unwrap()

    def said(self):
        self.thread.join(PATIENCE)
        return self.heard


class FakeServers(SecureTest):
    """冒充的服务器:客户端不说口令。"""

    def setUp(self):
        super().setUp()
        need("openssl")
        self.key, self.certificate = self.base / "key.pem", self.base / "certificate.pem"
        self.state.mkdir(mode=0o700)
        secret(self.state / "token", "the-token-of-the-real-server")

    def pin(self, target):
        der = ssl.PEM_cert_to_DER_cert(self.certificate.read_text())
        secret(self.state / "known_servers", f"{target} {fingerprint(der)}\n")

    def refuse(self, impostor, *words, options=()):
        code, output, errors = self.client(*options, "--", "echo hi", target=impostor.target)
        self.assertEqual((code, output), (255, ""), errors)
        for word in words:
            self.assertIn(word, errors)
        self.assertEqual(impostor.said(), b"", "口令说出去了")

    def test_a_good_one_for_comparison(self):
        make_certificate(self.base, self.key, self.certificate)
        impostor = Impostor(self, self.key, self.certificate)
        self.pin(impostor.target)
        code, output, errors = self.client("--", "echo hi", target=impostor.target)
        self.assertEqual((code, output), (0, "fake\n"), errors)
        self.assertIn(b"the-token-of-the-real-server", impostor.said())

    def test_expired_and_not_yet_valid(self):
        for start, end, word in (
            ("20200101000000Z", "20200201000000Z", "证书过期了"),
            ("20980101000000Z", "20990101000000Z", "还没有生效"),
        ):
            make_certificate(self.base, self.key, self.certificate, start, end)
            impostor = Impostor(self, self.key, self.certificate)
            self.pin(impostor.target)
            self.refuse(impostor, word)

    def test_an_authority(self):
        """能签别的证书的证书,不当作服务器的用。"""
        make_certificate(self.base, self.key, self.certificate, ca=True)
        impostor = Impostor(self, self.key, self.certificate)
        self.pin(impostor.target)
        self.refuse(impostor, "不合规矩")

    def test_unknown(self):
        make_certificate(self.base, self.key, self.certificate)
        self.refuse(Impostor(self, self.key, self.certificate), "第一次连", "--fingerprint")

    def test_changed(self):
        make_certificate(self.base, self.key, self.certificate)
        other_key, other = self.base / "other-key.pem", self.base / "other.pem"
        make_certificate(self.base, other_key, other)
        for options in ((), ("--accept-new",)):
            impostor = Impostor(self, other_key, other)
            self.pin(impostor.target)
            self.refuse(impostor, "危险", "指纹变了", "口令没有发出去", "--fingerprint", options=options)

    def test_only_1_2(self):
        make_certificate(self.base, self.key, self.certificate)
        impostor = Impostor(self, self.key, self.certificate, ssl.TLSVersion.TLSv1_2)
        self.pin(impostor.target)
        self.refuse(impostor, "握手没有做成")


class Rules(SecureTest):
    """让他运行什么。"""

    def test_files_are_private(self):
        self.serve()
        self.frames()
        self.assertEqual(stat.S_IMODE(self.state.stat().st_mode), 0o700)
        for name in ("identity.pem", "token", "audit.jsonl"):
            self.assertEqual(stat.S_IMODE((self.state / name).stat().st_mode), 0o600, name)
        need("openssl")
        shown = subprocess.run(
            ["openssl", "x509", "-in", self.state / "identity.pem", "-noout", "-fingerprint", "-sha256"],
            check=True, capture_output=True, text=True, timeout=PATIENCE,
        ).stdout
        self.assertIn(shown.strip().split("=")[1], self.program.errors.text())

    def test_the_environment(self):
        secrets = {"SHELL_SECURE_TOKEN": "a-token-in-the-environment", "AWS_SECRET_ACCESS_KEY": "do-not-show"}
        self.serve(env={**ENVIRONMENT, **secrets})
        (self.state / "token").write_text(secrets["SHELL_SECURE_TOKEN"])
        names = {line.split("=")[0] for line in self.frames().run("env")[0].decode().splitlines()}
        allowed = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PWD"}
        self.assertLessEqual(names - {"_", "OLDPWD", "SHLVL"}, allowed)
        links = self.frames().run("ls -l /proc/self/fd")[0].decode()
        self.assertNotIn("socket:", links)

    def test_tricks_against_the_list(self):
        self.serve("--allow", "echo,ls")
        frames = self.frames()
        self.assertEqual(frames.run("echo 'a  b'")[0], b"a  b\n")
        tricks = (
            "touch ran", "echo a; touch ran", "echo a\ntouch ran", "echo a\r\ntouch ran", "echo a && touch ran",
            "echo a || touch ran", "echo a | touch ran", "echo a & touch ran", "echo $(touch ran)", "echo `touch ran`",
            "echo a > ran", "/usr/bin/touch ran", "../usr/bin/touch ran", "./touch ran", "sh -c 'touch ran'",
            "echo\x0btouch ran", "echo a\u2028touch ran; x", "'echo a; touch' ran", "ec''ho a;touch ran",
        )
        for line in tricks:
            output, errors, how, _ = frames.run(line)
            self.assertEqual((how, output), (4, b""), line)
            self.assertTrue(errors.decode().startswith("错误:"), line)
        self.assertEqual(list(self.here.iterdir()), [])
        refused = [event for event in self.audit("command") if "refused" in event["exit"]]
        self.assertEqual([event["command"] for event in refused], list(tricks))
        code, _, errors = self.client("--accept-new", "--", "touch ran")
        self.assertEqual(code, 126)
        self.assertIn("名单上没有 touch", errors)

    def test_a_swapped_program(self):
        """PATH 里后来多了一个同名的程序:运行的还是启动时找到的。"""
        early = self.base / "early"
        early.mkdir()
        self.serve("--allow", "echo", env={**ENVIRONMENT, "PATH": f"{early}:{os.environ['PATH']}"})
        (early / "echo").write_text("#!/bin/sh\n/bin/echo swapped\n")
        (early / "echo").chmod(0o755)
        self.assertEqual(self.frames().run("echo hi")[0], b"hi\n")

    def test_audit(self):
        self.serve()
        frames = self.frames()
        nasty = "printf '\"\\\\\\n\\033[31m'; # 你好\t\x7f"
        frames.run(nasty)
        frames.run("exit 7")
        events = self.audit("command")
        self.assertEqual([event["command"] for event in events], [nasty, "exit 7"])
        self.assertEqual(events[1]["exit"], {"code": 7})
        for event in events:
            self.assertEqual(set(event), {"time", "peer", "event", "command", "directory", "exit", "bytes", "milliseconds"})
            self.assertRegex(event["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
            self.assertEqual(event["directory"], str(self.here))
        raw = (self.state / "audit.jsonl").read_bytes()
        self.assertNotIn(b"\x1b", raw)
        self.assertNotIn(self.token().encode(), raw)

    def test_killed_in_the_middle(self):
        """服务器突然没有了:写过的日志都在,每一行都完整。"""
        self.serve()
        frames = self.frames()
        for number in range(20):
            frames.run(f"echo {number}")
        self.program.process.kill()
        self.program.wait("被杀掉")
        self.assertEqual([event["command"] for event in self.audit("command")], [f"echo {n}" for n in range(20)])

    def test_loopback_only_without_tls_or_token(self):
        for option in ("--no-tls", "--no-token"):
            program = self.course(SECURE, "server", "0.0.0.0:0", "--state", self.state, option)
            self.assertEqual(program.wait(f"{option} 时不该在所有网卡上监听"), 1)
            self.assertIn("要加密,也要口令", program.errors.text())
            self.assertEqual(program.output.text(), "")
        program = self.course(SECURE, "server", "0.0.0.0:0", "--state", self.state)
        program.output.wait(r"^监听 0\.0\.0\.0:", "两样都有就可以")

    def test_the_token_is_on_no_command_line(self):
        self.serve()
        client = self.start(
            [binary(SECURE), "client", self.target, "--state", self.state, "--accept-new", "--", "sleep 100"]
        )
        self.program.output.wait("运行:sleep 100", "应当运行")
        for program in (self.program, client):
            words = Path(f"/proc/{program.process.pid}/cmdline").read_bytes()
            self.assertNotIn(self.token().encode(), words)


class InATerminal(test_terminal.TerminalTest, SecureTest):
    """坐在终端前:第一次见面会问。"""

    def setUp(self):
        SecureTest.setUp(self)
        self.serve()

    def ask(self):
        words = [binary(SECURE), "client", self.target, "--state", str(self.state), "--", "echo", "it-runs"]
        pane = self.pane(shlex.join(words), width=120)
        pane.wait_text("输入 yes", "第一次应当问")
        shown = re.sub(r"\s", "", "".join(pane.screen()))
        self.assertIn(self.program.errors.wait(r"指纹:(\S+)", "应当说出指纹")[1], shown)
        return pane

    def test_yes(self):
        pane = self.ask()
        pane.type("yes").press("Enter")
        pane.wait_text("it-runs", "核对过了就运行")
        self.assertEqual(self.client("--", "echo again")[:2], (0, "again\n"))

    def test_anything_else(self):
        for answer in ("no", "", "ye"):
            pane = self.ask()
            pane.type(answer).press("Enter")
            pane.wait_text("没有核对指纹,不连", "不是 yes 就不连")
        self.assertFalse((self.state / "known_servers").exists())
        self.assertEqual(self.audit("command"), [])


if __name__ == "__main__":
    unittest.main()
