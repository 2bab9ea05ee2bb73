"""最大、最多、最不巧:每个程序都要么做完,要么说清楚为什么不做,绝不恐慌。"""

import array
import fcntl
import os
import shlex
import signal
import socket
import subprocess
import tempfile
import termios
import time
import unittest

from support import (
    ENVIRONMENT,
    LARGEST,
    PATIENCE,
    InteropTest,
    binary,
    host_port,
    missing,
    udp_port_of,
    until,
)

# 从标准输入逐行读消息的三个程序。
TALKERS = (["udp-send"], ["udp-echo", "client"], ["udp-duplex"])

# 打印「监听」的两个服务器。
SERVERS = (["udp-recv"], ["udp-echo", "server"])


def stopped(pid):
    """进程是不是停住了(proc(5) 的状态 T)。"""
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "T"


class Largest(InteropTest):
    """65,507 字节,和再多一个。"""

    def test_echo_server_both_ways(self):
        _, address = self.server("udp-echo", "server", "127.0.0.1:0", "--quiet")
        sock = self.udp()
        payload = os.urandom(LARGEST)
        sock.sendto(payload, address)
        answer, _ = self.receive(sock, "最大的数据报应当有回答")
        self.assertEqual(len(answer), LARGEST, "回答应当也是 65,507 字节")
        self.assertEqual(answer, payload, "回答应当一个字节不差")

    def test_client_both_ways(self):
        server = self.udp()
        client = self.course("udp-echo", "client", host_port(server))
        text = "你" * (LARGEST // 3) + "x" * (LARGEST % 3)
        client.type_line(text)
        payload, peer = self.receive(server, "客户端应当发得出 65,507 字节")
        self.assertEqual(payload, text.encode(), "客户端发出的应当一个字节不差")
        server.sendto(("好" * (LARGEST // 3)).encode(), peer)
        client.output.wait(f"^回声:好{{{LARGEST // 3}}}\n", "应当显示全部的回答")
        client.end_input()
        self.assertQuiet(client, "udp-echo client 的输入结束")

    def test_receiver_shows_everything(self):
        receiver, address = self.server("udp-recv", "127.0.0.1:0", "--count", "1")
        self.udp().sendto(b"a" * LARGEST, address)
        self.assertQuiet(receiver, "udp-recv 收满一个")
        self.assertEqual(receiver.output.text().count("a"), LARGEST, "应当显示全部 65,507 个字")

    def test_one_byte_more_is_an_error_and_the_next_line_goes_on(self):
        for words in TALKERS:
            with self.subTest(" ".join(words)):
                sock = self.udp()
                program = self.course(*words, host_port(sock))
                program.type("y" * (LARGEST + 1) + "\nnext\n")
                payload, peer = self.receive(sock, "太长的一行以后,下一行应当照样发送")
                self.assertEqual(payload, b"next", "65,508 字节的一行不应当发送,也不应当截断")
                sock.sendto(payload, peer)
                program.end_input()
                self.assertQuiet(program, "有一行没有发送", code=1)
                self.assertIn("65508 字节", program.errors.text(), "应当说这一行有多长")
                self.assertIn("65507", program.errors.text(), "应当说最多多长")

    def test_line_of_two_mebibytes(self):
        for words in TALKERS:
            with self.subTest(" ".join(words)):
                sock = self.udp()
                program = self.course(*words, host_port(sock))
                program.type_line("before")
                payload, peer = self.receive(sock, "前一行应当照样发送")
                self.assertEqual(payload, b"before", "前一行应当照样发送")
                sock.sendto(payload, peer)
                try:
                    program.type("z" * (2 << 20) + "\nafter\n").end_input()
                except BrokenPipeError:
                    pass  # 程序可以不读完就结束
                self.assertQuiet(program, "一行有 2 MiB", code=1)
                self.assertRegex(program.errors.text(), "错误:有一行超过 [0-9]+ 字节", "应当说这一行太长")
                self.assertIn("提示:", program.errors.text(), "应当有办法")
                self.assertNothingMore(sock, "太长的一行不应当发送任何一段")

    def test_small_buffer_says_what_it_cut(self):
        receiver, address = self.server("udp-recv", "127.0.0.1:0", "--count", "2", "--buffer", "4")
        sock = self.udp()
        sock.sendto(b"0123", address)
        sock.sendto("你好".encode(), address)
        self.assertQuiet(receiver, "udp-recv 收满两个")
        lines = receiver.output.text().splitlines()[1:]
        self.assertEqual(lines[0], f"{host_port(sock)} 发送了:0123", "正好装得下的应当完整")
        self.assertEqual(lines[1], rf"{host_port(sock)} 发送了:你\xe5", "截断的半个字应当显示成字节")
        self.assertEqual(receiver.errors.text().count("警告"), 1, "只有装不下的那个应当有警告")


class Plumbing(InteropTest):
    """标准输入、标准输出是各种奇怪的东西。"""

    def test_output_to_head(self):
        for words in SERVERS:
            with self.subTest(" ".join(words)):
                reader, writer = os.pipe()
                program = self.course(*words, "127.0.0.1:0", stdout=writer)
                os.close(writer)
                head = self.start(["head", "-1"], stdin=reader)
                os.close(reader)
                _, port = self.listening(head)
                self.assertEqual(head.wait("head -1 读到一行应当结束"), 0, "head 应当正常结束")
                self.udp().sendto(b"nobody reads this", ("127.0.0.1", port))
                self.assertQuiet(program, "输出的另一头 head -1 走了")
                self.assertEqual(program.errors.text(), "", "应当安静地结束,标准错误什么也没有")

    def test_client_output_to_head(self):
        _, address = self.server("udp-echo", "server", "127.0.0.1:0", "--quiet")
        reader, writer = os.pipe()
        client = self.course("udp-echo", "client", "%s:%d" % address, stdout=writer)
        os.close(writer)
        head = self.start(["head", "-1"], stdin=reader)
        os.close(reader)
        client.type_line("one")
        self.assertEqual(head.wait("head -1 读到一个回答应当结束"), 0, "head 应当正常结束")
        client.type_line("two")
        self.assertQuiet(client, "输出的另一头 head -1 走了")
        self.assertNotIn("错误", client.errors.text(), "应当安静地结束")

    def test_duplex_output_to_head(self):
        sock = self.udp()
        reader, writer = os.pipe()
        program = self.course("udp-duplex", host_port(sock), stdout=writer)
        os.close(writer)
        head = self.start(["head", "-1"], stdin=reader)
        os.close(reader)
        program.type_line("hello")
        _, peer = self.receive(sock, "udp-duplex 应当发来一行")
        sock.sendto(b"one", peer)
        self.assertEqual(head.wait("head -1 读到一句应当结束"), 0, "head 应当正常结束")
        sock.sendto(b"two", peer)
        self.assertQuiet(program, "输出的另一头 head -1 走了,键盘还没有动")
        self.assertNotIn("错误", program.errors.text(), "应当安静地结束")

    def test_full_pipe_waits_and_loses_nothing(self):
        count = 150
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        self.addCleanup(lambda: os.close(reader))
        program = self.course("udp-recv", "127.0.0.1:0", "--count", str(count), stdout=writer)
        os.close(writer)
        port = udp_port_of(program)
        sock = self.udp()
        for number in range(count):
            sock.sendto(b"%03d " % number + b"x" * 100, ("127.0.0.1", port))
        until(lambda: queued(reader) >= 3900, "管道应当已经满了")
        self.assertIsNone(program.process.poll(), "管道满了,程序应当等着")
        data = b""
        while chunk := os.read(reader, 1 << 16):
            data += chunk
        self.assertQuiet(program, "管道又有人读了,收满以后")
        shown = [line.split("发送了:")[1][:3] for line in data.decode().splitlines()[1:]]
        self.assertEqual(shown, ["%03d" % number for number in range(count)], "一个也不应当少,次序不变")

    def test_disk_full(self):
        for words in SERVERS:
            with self.subTest(" ".join(words)):
                with open("/dev/full", "wb") as full:
                    program = self.course(*words, "127.0.0.1:0", stdout=full)
                self.assertQuiet(program, "标准输出写不进去", code=1)
                self.assertIn("错误:写标准输出失败", program.errors.text(), "应当说写不进去")

    def test_input_is_a_directory(self):
        for words in TALKERS:
            with self.subTest(" ".join(words)):
                folder = os.open("/", os.O_RDONLY)
                program = self.course(*words, "127.0.0.1:9", stdin=folder)
                os.close(folder)
                self.assertQuiet(program, "标准输入是一个目录", code=1)
                self.assertIn("错误:读标准输入失败", program.errors.text(), "应当说读不了标准输入")

    def test_input_is_closed(self):
        for words in TALKERS:
            for arguments in (["127.0.0.1:9"], []):
                with self.subTest(" ".join(words + arguments)):
                    command = shlex.join([binary(words[0]), *words[1:], *arguments])
                    program = self.start(["sh", "-c", f"exec {command} <&-"], stdin=subprocess.DEVNULL)
                    self.assertQuiet(program, "标准输入是关着的")
                    self.assertNotIn("错误", program.errors.text(), "没有输入不是错误")
                    if not arguments:
                        self.assertIn("请输入", program.output.text(), "没有地址应当先问")
                    elif words != ["udp-duplex"]:
                        self.assertIn("发往", program.errors.text(), "应当说从哪里发往哪里")

    def test_output_is_closed(self):
        for words in SERVERS:
            with self.subTest(" ".join(words)):
                command = shlex.join([binary(words[0]), *words[1:], "127.0.0.1:0", "--count", "1"])
                program = self.start(["sh", "-c", f"exec {command} >&-"])
                self.udp().sendto(b"hello", ("127.0.0.1", udp_port_of(program)))
                self.assertQuiet(program, "标准输出是关着的,收满一个")
        for words in TALKERS:
            with self.subTest(" ".join(words)):
                sock = self.udp()
                command = shlex.join([binary(words[0]), *words[1:], host_port(sock)])
                program = self.start(["sh", "-c", f"exec {command} >&-"])
                program.type_line("hello")
                payload, peer = self.receive(sock, "标准输出是关着的,也应当照样发送")
                sock.sendto(payload, peer)
                program.end_input()
                self.assertQuiet(program, "标准输出是关着的,输入结束")

    def test_everything_is_closed(self):
        for words in SERVERS:
            with self.subTest(" ".join(words)):
                command = shlex.join([binary(words[0]), *words[1:], "127.0.0.1:0", "--count", "1"])
                program = self.start(["sh", "-c", f"exec {command} <&- >&- 2>&-"])
                self.udp().sendto(b"\xff" * 100, ("127.0.0.1", udp_port_of(program)))
                self.assertQuiet(program, "三个标准流都是关着的,收满一个")

    def test_input_ends_in_the_middle_of_a_character(self):
        for words in TALKERS:
            with self.subTest(" ".join(words)):
                sock = self.udp()
                program = self.course(*words, host_port(sock))
                program.type("你好".encode()[:4]).end_input()
                _, peer = self.receive(sock, "不完整的一行也应当发送")
                sock.sendto(b"ok", peer)
                self.assertQuiet(program, "输入在半个字处结束")

    def test_crlf_bom_and_nul(self):
        sock = self.udp()
        program = self.course("udp-send", host_port(sock))
        program.type(b"\xef\xbb\xbfbom\r\na\0b\r\n\r\n\rx\r\n").end_input()
        seen = [self.receive(sock, "udp-send 应当发来四行")[0] for _ in range(4)]
        self.assertEqual(seen, [b"bom", b"a\0b", b"", b"\rx"], "去掉的只有开头的 BOM 和行尾的换行")
        self.assertQuiet(program, "udp-send 的输入结束")


def queued(pipe):
    """管道里等着读的字节数。"""
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


class Timing(InteropTest):
    """停住、继续、没有回答、回答迟到。"""

    def pause_and_resume(self, program):
        pid = program.process.pid
        os.kill(pid, signal.SIGSTOP)
        until(lambda: stopped(pid), "程序应当停住")

    def test_answer_arrives_while_the_client_is_stopped(self):
        server = self.udp()
        client = self.course("udp-echo", "client", host_port(server))
        client.type_line("question")
        _, peer = self.receive(server, "客户端应当发来问题")
        self.pause_and_resume(client)
        server.sendto("停着的时候来的".encode(), peer)
        os.kill(client.process.pid, signal.SIGCONT)
        client.output.wait("^回声:停着的时候来的\n", "继续以后应当显示回答")
        client.end_input()
        self.assertQuiet(client, "udp-echo client 的输入结束")

    def test_answer_arrives_after_the_client_goes_on(self):
        # 停住又继续会打断正在等的系统调用(EINTR,signal(7)),等待应当接着来。
        server = self.udp()
        client = self.course("udp-echo", "client", host_port(server))
        client.type_line("question")
        _, peer = self.receive(server, "客户端应当发来问题")
        for _ in range(3):
            self.pause_and_resume(client)
            os.kill(client.process.pid, signal.SIGCONT)
            until(lambda: not stopped(client.process.pid), "程序应当继续")
        server.sendto("继续以后来的".encode(), peer)
        client.output.wait("^回声:继续以后来的\n", "应当显示回答")
        client.end_input()
        self.assertQuiet(client, "udp-echo client 的输入结束")

    def test_servers_and_duplex_survive_stop_and_continue(self):
        for words in (*SERVERS, None):
            with self.subTest(words or "udp-duplex"):
                sock = self.udp()
                if words:
                    program, address = self.server(*words, "127.0.0.1:0")
                else:
                    program = self.course("udp-duplex", host_port(sock))
                    program.type_line("hi")
                    _, address = self.receive(sock, "udp-duplex 应当发来一行")
                self.pause_and_resume(program)
                sock.sendto("停着的时候来的".encode(), address)
                os.kill(program.process.pid, signal.SIGCONT)
                program.output.wait("发送了:停着的时候来的\n", "继续以后应当显示")
                sock.sendto("后来的".encode(), address)
                program.output.wait("发送了:后来的\n", "继续以后应当接着收")

    def test_no_answer_then_the_next_line(self):
        server = self.udp()
        client = self.course("udp-echo", "client", host_port(server))
        started = time.monotonic()
        client.type("lost\nnext\n")
        self.receive(server, "客户端应当发来第一行")
        payload, peer = self.receive(server, "没有回答,应当接着发下一行")
        waited = time.monotonic() - started
        self.assertEqual(payload, b"next", "没有回答,应当接着发下一行")
        self.assertGreaterEqual(waited, 2.9, "应当等满 3 秒")
        server.sendto(b"answer", peer)
        client.output.wait("^回声:answer\n", "应当显示第二行的回答")
        client.end_input()
        self.assertQuiet(client, "有一行没有回答", code=1)
        errors = client.errors.text()
        self.assertIn("错误:等了 3 秒,没有回答\n提示:", errors, "应当说没有回答,并且有提示")

    def test_late_answer_is_not_taken_for_the_next(self):
        server = self.udp()
        client = self.course("udp-echo", "client", host_port(server))
        client.type_line("one")
        _, peer = self.receive(server, "客户端应当发来第一行")
        client.errors.wait("没有回答", "等到期限应当说没有回答")
        server.sendto("迟到的".encode(), peer)
        client.type_line("two")
        self.receive(server, "客户端应当发来第二行")
        server.sendto("准时的".encode(), peer)
        client.output.wait("回声:准时的\n", "应当显示第二行的回答")
        self.assertNotIn("迟到的", client.output.text(), "迟到的回答不应当算作第二行的")
        self.assertIn("迟到的回答:迟到的", client.errors.text(), "迟到的回答应当说一声")

    def test_refusal_is_reported_at_once(self):
        sock = self.udp()
        address = host_port(sock)
        sock.close()
        client = self.course("udp-echo", "client", address)
        started = time.monotonic()
        client.type_line("anyone?").end_input()
        self.assertQuiet(client, "对方没有程序在收", code=1)
        self.assertLess(time.monotonic() - started, 2.5, "有 ICMP 的回绝,不应当等到期限")
        self.assertIn("对方那个端口上没有程序", client.errors.text(), "应当说没有程序在收")


class Burst(InteropTest):
    """2,000 个数据报。"""

    COUNT = 2000

    def test_all_at_once(self):
        server, address = self.server("udp-echo", "server", "127.0.0.1:0")
        sock = self.udp()
        sent = {b"%04d" % number for number in range(self.COUNT)}
        for payload in sorted(sent):
            sock.sendto(payload, address)
        # 缓冲区满了,操作系统可以丢,但是不能多,也不能错。
        sock.sendto(b"the last one", address)
        answers = []
        sock.settimeout(0.2)
        deadline = time.monotonic() + PATIENCE
        while b"the last one" not in answers:
            self.assertLess(time.monotonic(), deadline, "服务器应当回答最后一个")
            try:
                answers.append(sock.recvfrom(65_536)[0])
            except TimeoutError:
                sock.sendto(b"the last one", address)
        echoed = [answer for answer in answers if answer != b"the last one"]
        self.assertGreater(len(echoed), 100, "缓冲区里装得下的至少应当有回答")
        self.assertEqual(len(echoed), len(set(echoed)), "没有一个回答应当重复")
        self.assertLessEqual(set(echoed), sent, "每个回答都应当是问过的")
        self.assertEqual(echoed, sorted(echoed), "本机上的次序不应当乱")
        sock.sendto(b"still there?", address)
        until(lambda: self.receive(sock, "服务器应当还在")[0] == b"still there?", "服务器应当还在回答")
        self.assertIsNone(server.process.poll(), "服务器应当还在运行")

    def test_window_of_32(self):
        # 在路上的不超过 32 个,缓冲区不会满:一个也不应当丢。
        _, address = self.server("udp-echo", "server", "127.0.0.1:0", "--quiet")
        sock = self.udp()
        payloads = [b"%04d" % number + bytes(60) for number in range(self.COUNT)]
        answers = []
        for index, payload in enumerate(payloads):
            sock.sendto(payload, address)
            if index >= 32:
                answers.append(self.receive(sock, "每个数据报都应当有回答")[0])
        while len(answers) < self.COUNT:
            answers.append(self.receive(sock, "每个数据报都应当有回答")[0])
        self.assertEqual(answers, payloads, "2,000 个回答应当一个不少,次序不变")

    def test_send_two_thousand_lines(self):
        sock = self.udp()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        sender = self.course("udp-send", host_port(sock))
        sender.type("".join(f"{number:04}\n" for number in range(self.COUNT))).end_input()
        seen = [self.receive(sock, "每一行都应当发来")[0] for _ in range(100)]
        self.assertEqual(seen, [b"%04d" % number for number in range(100)], "一行一个,次序不变")
        self.assertQuiet(sender, "udp-send 发完 2,000 行")
        self.assertEqual(sender.errors.text().count("已发送 4 字节"), self.COUNT, "每一行都应当说发了几个字节")


class Addresses(InteropTest):
    """IPv6、localhost、写错的组合。"""

    def setUp(self):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            try:
                sock.bind(("::1", 0))
            except OSError:
                missing("这台机器没有 IPv6 的回环地址")

    def test_ipv6_echo(self):
        server, (host, port) = self.server("udp-echo", "server", "[::1]:0")
        self.assertEqual(host, "::1", "监听的应当是 [::1]")
        self.assertRegex(server.output.text(), r"^监听 \[::1\]:\d+\n", "IPv6 地址应当写在方括号里")
        client = self.course("udp-echo", "client", f"[::1]:{port}")
        client.type_line("你好").end_input()
        self.assertQuiet(client, "udp-echo client 的输入结束")
        self.assertEqual(client.output.text(), "回声:你好\n", "IPv6 上应当照样有回声")
        server.output.wait(r"\n\[::1\]:\d+ 发送了:你好\n", "应当显示 IPv6 的来源")

    def test_ipv6_with_python(self):
        receiver, (_, port) = self.server("udp-recv", "[::1]:0", "--count", "1")
        sock = self.udp(("::1", 0), socket.AF_INET6)
        sock.sendto(b"\xe4\xbd\xa0", ("::1", port))
        self.assertQuiet(receiver, "udp-recv 收满一个")
        self.assertIn(f"\n{host_port(sock)} 发送了:你\n", receiver.output.text(), "应当显示 IPv6 的来源")
        sender = self.course("udp-send", host_port(sock))
        sender.type_line("好").end_input()
        payload, peer = self.receive(sock, "udp-send 应当发到 IPv6 地址")
        self.assertEqual((payload, peer[0]), ("好".encode(), "::1"), "应当从 ::1 发来")

    def test_ipv6_duplex(self):
        sock = self.udp(("::1", 0), socket.AF_INET6)
        program = self.course("udp-duplex", host_port(sock), "--bind", "[::1]:0")
        program.type_line("去")
        payload, peer = self.receive(sock, "udp-duplex 应当发来一行")
        self.assertEqual(payload, "去".encode(), "应当照样发送")
        sock.sendto("来".encode(), peer)
        program.output.wait(rf"^\[::1\]:{sock.getsockname()[1]} 发送了:来\n", "应当显示对方的话")

    def test_localhost(self):
        _, (_, port) = self.server("udp-echo", "server", "127.0.0.1:0")
        client = self.course("udp-echo", "client", f"localhost:{port}")
        client.type_line("你好").end_input()
        self.assertQuiet(client, "用 localhost 找 127.0.0.1 上的服务器")
        self.assertEqual(client.output.text(), "回声:你好\n", "localhost 应当找得到服务器")

    def test_localhost_that_is_ipv6_first(self):
        # 很多系统上 localhost 先是 ::1,再是 127.0.0.1;默认的服务器只在 127.0.0.1 上。
        if os.geteuid() != 0:
            missing("要有权限换掉 /etc/hosts(mount 命名空间)")
        _, (_, port) = self.server("udp-echo", "server", "127.0.0.1:0")
        with tempfile.NamedTemporaryFile("w", prefix="interop-hosts-") as hosts:
            hosts.write("::1 localhost\n127.0.0.1 localhost\n")
            hosts.flush()
            probe = subprocess.run(
                ["unshare", "-m", "sh", "-c", f"mount --bind {hosts.name} /etc/hosts && getent ahosts localhost"],
                capture_output=True,
                env=ENVIRONMENT,
                timeout=PATIENCE,
            )
            if not probe.stdout.startswith(b"::1"):
                missing("这里不能让 localhost 先是 ::1")
            command = f"mount --bind {hosts.name} /etc/hosts && exec {binary('udp-echo')} client localhost:{port}"
            client = self.start(["unshare", "-m", "sh", "-c", command])
            client.type_line("你好").end_input()
            self.assertQuiet(client, "localhost 先是 ::1 时找 127.0.0.1 上的服务器")
            self.assertEqual(client.output.text(), "回声:你好\n", "localhost 应当找得到默认的服务器")

    def test_bind_of_the_other_family(self):
        for words in TALKERS:
            with self.subTest(" ".join(words)):
                program = self.course(*words, "127.0.0.1:9", "--bind", "[::1]:0")
                program.end_input()
                self.assertQuiet(program, "本机地址和目标一个是 IPv6,一个是 IPv4", code=1)
                self.assertIn("不能通信", program.errors.text(), "应当说两种地址不能通信")

    def test_port_in_use(self):
        taken = self.udp()
        for words in SERVERS:
            with self.subTest(" ".join(words)):
                program = self.course(*words, host_port(taken))
                self.assertQuiet(program, "端口已经有人用", code=1)
                self.assertIn("占用", program.errors.text(), "应当说端口被占用")

    def test_answer_that_cannot_be_sent(self):
        # 来源端口是 0 的数据报没有地方回:服务器报告,然后继续。
        try:
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
        except PermissionError:
            missing("没有权限用原始套接字造来源端口为 0 的数据报")
        self.addCleanup(raw.close)
        server, address = self.server("udp-echo", "server", "127.0.0.1:0")
        payload = b"no way back"
        header = b"".join(n.to_bytes(2, "big") for n in (0, address[1], 8 + len(payload), 0))
        raw.sendto(header + payload, (address[0], 0))
        server.output.wait(r"\n127\.0\.0\.1:0 发送了:no way back\n", "应当显示来源端口是 0")
        server.errors.wait("错误:回答 127.0.0.1:0 时", "回不了应当报告")
        sock = self.udp()
        sock.sendto(b"next", address)
        self.assertEqual(self.receive(sock, "服务器应当接着服务")[0], b"next", "服务器应当接着服务")


if __name__ == "__main__":
    unittest.main()
