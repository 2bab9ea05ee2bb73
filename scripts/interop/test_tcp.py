"""TCP 的几个阶段:与 Python 程序互通,与外面的工具互通,遇到不好相处的、很多的客户,按次序收场。"""

import contextlib
import os
import select
import signal
import socket
import statistics
import struct
import subprocess
import threading
import time
import unittest
from pathlib import Path

from support import PATIENCE, PEERS, InteropTest, binary, host_port, need, python, until

# 一问一答的四个阶段。
STAGES = ("tcp-once", "tcp-loop", "tcp-session", "tcp-threads")

# 一条连接上能说很多句的阶段。
MANY = ("tcp-session", "tcp-threads")

# 一口气来这么多位客户。
CROWD = 200


def threads_of(program):
    """一个程序有几个线程(proc(5))。"""
    return len(os.listdir(f"/proc/{program.process.pid}/task"))


def descriptors_of(program):
    """一个程序打开了几个描述符(proc(5))。"""
    return len(os.listdir(f"/proc/{program.process.pid}/fd"))


def cpu_seconds(program):
    """一个程序至今用的 CPU 时间,秒(proc(5))。"""
    fields = Path(f"/proc/{program.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def sockets(state, which):
    """处于某个状态的 TCP 套接字,一个一行;`which` 是 ss(8) 的条件。"""
    need("ss")
    command = ["ss", "-Htan", "state", state, which]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


class TcpTest(InteropTest):
    """TCP 测试的共同部分。"""

    def peer(self, name, *arguments):
        """启动一个 Python 对照程序。"""
        return self.start(python(PEERS / f"{name}.py", *arguments))

    def python_server(self, name):
        """启动一个 Python 服务器,返回它和它的地址。"""
        server = self.peer(name, "127.0.0.1:0")
        host, port = self.listening(server)
        return server, f"{host}:{port}"

    def our_server(self, name, *options):
        """启动我们的服务器,返回它和它的地址。"""
        server, (host, port) = self.server(name, "server", "127.0.0.1:0", *options)
        return server, f"{host}:{port}"

    def connect(self, address):
        """一条到 `address` 的连接。"""
        host, port = address.rsplit(":", 1)
        sock = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self.addCleanup(sock.close)
        return sock

    def read(self, sock, count):
        """读满 `count` 个字节;对方先挂断就只有这些。"""
        received = b""
        while len(received) < count:
            try:
                chunk = sock.recv(count - len(received))
            except TimeoutError:
                self.fail(f"等了 {PATIENCE} 秒,只收到 {received!r}")
            if not chunk:
                break
            received += chunk
        return received

    def read_to_end(self, sock):
        """一直读到末尾。"""
        return self.read(sock, 1 << 20)

    def ask(self, sock, text):
        """说一句,应当得到它的大写。"""
        question = text.encode()
        sock.sendall(question)
        self.assertEqual(self.read(sock, len(question)), question.upper(), "回答应当是大写")

    def assertServes(self, address, what):
        """服务器还应当接待新客户。"""
        sock = self.connect(address)
        self.ask(sock, what)
        sock.close()


class PythonClients(TcpTest):
    """Python 的客户端,我们的服务器。"""

    def expect_said(self, server, text):
        server.output.wait(rf"\n127\.0\.0\.1:\d+ 发送了:{text}\n", "服务器应当显示客户说的话")

    def test_client_that_never_receives(self):
        for stage in STAGES:
            with self.subTest(stage):
                server, address = self.our_server(stage)
                client = self.peer("tcp_client_no_answer", address)
                client.type_line("你好 tcp")
                self.assertEqual(client.wait("发完就应当结束"), 0, "Python 客户端应当正常结束")
                self.expect_said(server, "你好 tcp")
                if stage == "tcp-once":
                    self.assertQuiet(server, "tcp-once 服务了一位")
                else:
                    self.assertServes(address, "after the one who never receives")

    def test_gbk_client(self):
        for stage in STAGES:
            with self.subTest(stage):
                server, address = self.our_server(stage, "--encoding", "gbk")
                host, port = address.split(":")
                client = self.peer("tcp_client_gbk")
                client.type(f"{host}\n{port}\n你好 gbk\n")
                self.assertEqual(client.wait("收到回答就应当结束"), 0, "Python 客户端应当正常结束")
                self.assertIn("接收到的数据为: 你好 GBK\n", client.output.text(), "应当收到大写的回答")
                self.expect_said(server, "你好 gbk")

    def test_upper_is_pythons_upper(self):
        # GBK 的第二个字节可以是英文字母的编号:「乤」是 81 61,里面有一个「a」。
        payloads = [bytes(range(256)), "straße ǆ ﬁ".encode(), "乤乬".encode("gbk"), b"\xff\xfea\0z"]
        _, address = self.our_server("tcp-session")
        sock = self.connect(address)
        for payload in payloads:
            sock.sendall(payload)
            self.assertEqual(self.read(sock, len(payload)), payload.upper(), "应当和 bytes.upper() 一样")

    def test_minimal_client(self):
        for stage in STAGES:
            with self.subTest(stage):
                server, address = self.our_server(stage)
                client = self.peer("tcp_client_min", address, "hello")
                self.assertEqual(client.wait("收到回答就应当结束"), 0, "Python 客户端应当正常结束")
                self.assertEqual(client.output.text(), "b'HELLO'\n", "应当收到 5 个字节")
                self.expect_said(server, "hello")

    def test_recvfrom_gives_no_address(self):
        _, address = self.our_server("tcp-loop")
        client = self.peer("tcp_client_recvfrom", address, "who")
        client.wait("收到回答就应当结束")
        self.assertEqual(client.output.text(), "(b'WHO', None)\n", "TCP 的 recvfrom 给的来源是 None")

    def test_phone_client_talks_on(self):
        for stage in MANY:
            with self.subTest(stage):
                server, address = self.our_server(stage)
                client = self.peer("tcp_client_phone", address)
                for said in ("hello", "  two words ", "第三句 abc"):
                    client.type_line(said)
                    client.output.wait(f">>: {said.strip().upper()}\n", "应当显示大写的回答")
                client.type("\n   \nlast\n").end_input()
                self.assertEqual(client.wait("输入结束就应当结束"), 0, "Python 客户端应当正常结束")
                self.assertTrue(client.output.text().endswith(">>: >>: >>: LAST\n>>: "), "空行不应当发送")
                server.output.wait(r"服务完了\n", "客户走了,服务器应当知道")
                self.assertServes(address, "next")

    def test_phone_client_takes_the_end_for_an_answer(self):
        for stage in ("tcp-once", "tcp-loop"):
            with self.subTest(stage):
                _, address = self.our_server(stage)
                client = self.peer("tcp_client_phone", address)
                client.type_line("one")
                client.output.wait(">>: ONE\n>>: ", "第一句应当有回答")
                # 服务器挂断以后再说:正在挂断的时候说,得到的是复位,不是末尾。
                until(lambda: sockets("close-wait", f"dport = :{address.split(':')[1]}"), "服务器应当挂断")
                client.type_line("two")
                client.output.wait(">>: \n>>: ", "末尾被它当成一句空话")
                client.type_line("three")
                self.assertEqual(client.wait("第三句应当让它出错"), 1, "不看末尾的客户端最后因为异常退出")
                self.assertIn("BrokenPipeError", client.errors.text(), "往断了的连接上发")

    def test_two_clients_of_tcp_threads_at_once(self):
        _, address = self.our_server("tcp-threads")
        first, second = (self.peer("tcp_client_phone", address) for _ in range(2))
        for client, said in ((second, "second"), (first, "first"), (second, "again")):
            client.type_line(said)
            client.output.wait(f">>: {said.upper()}\n", "不必等另一位")


class PythonServers(TcpTest):
    """Python 的服务器,我们的客户端。"""

    def expect_answer(self, stage, address, line, answer, *options):
        client = self.course(stage, "client", address, *options)
        client.type_line(line).end_input()
        self.assertQuiet(client, f"{stage} client 的输入结束")
        self.assertEqual(client.output.text(), f"回答:{answer}\n", "应当显示回答")
        return client

    def test_once(self):
        for stage in STAGES:
            with self.subTest(stage):
                server, address = self.python_server("tcp_server_once")
                client = self.expect_answer(stage, address, "你好", "hahahah")
                local = client.errors.wait(r"从 \S+:(\d+) 连到", "客户端应当说出自己的端口")[1]
                self.assertEqual(server.wait("服务一位就应当结束"), 0, "Python 服务器应当正常结束")
                self.assertIn(f"链接的客户端地址为: ('127.0.0.1', {local})\n", server.output.text())
                self.assertIn(f"({'你好'.encode()!r}, None)\n", server.output.text())

    def test_gbk(self):
        for stage in STAGES:
            with self.subTest(stage):
                server, address = self.python_server("tcp_server_gbk")
                self.expect_answer(stage, address, "你好", "thank you !", "--encoding", "gbk")
                server.wait("服务一位就应当结束")
                self.assertIn("接收到的数据为: 你好\n", server.output.text(), "应当按 GBK 发送")

    def test_minimal(self):
        for stage in STAGES:
            with self.subTest(stage):
                server, address = self.python_server("tcp_server_min")
                self.expect_answer(stage, address, "hello", "ok")
                server.wait("服务一位就应当结束")
                self.assertIn("b'hello'\n", server.output.text(), "应当收到 5 个字节,没有换行")

    def test_one_after_another(self):
        _, address = self.python_server("tcp_server_each_once")
        for stage in STAGES:
            self.expect_answer(stage, address, f"from {stage}", "hahahah")

    def test_second_line_meets_the_end(self):
        _, address = self.python_server("tcp_server_each_once")
        client = self.course("tcp-session", "client", address)
        client.type_line("first")
        client.output.wait("回答:hahahah\n", "第一句应当有回答")
        client.type_line("second").end_input()
        self.assertQuiet(client, "服务器已经挂断", code=1)
        self.assertRegex(client.errors.text(), "服务器关闭了连接,没有回答|对方中断了连接|连接已经断了")

    def test_server_that_answers_the_end(self):
        for stage in MANY:
            with self.subTest(stage):
                server, address = self.python_server("tcp_server_each_many")
                client = self.course(stage, "client", address)
                client.type("one\ntwo\nthree\n").end_input()
                self.assertQuiet(client, "说完三句")
                self.assertEqual(client.output.text(), "回答:hahahah\n" * 3, "每句应当有一个回答")
                self.assertEqual(server.wait("它往断了的连接上发"), 1, "它应当因为异常退出")
                self.assertIn("(b'', None)\n", server.output.text(), "它看到了末尾,没有认出来")

    def test_phone(self):
        for stage in STAGES:
            with self.subTest(stage):
                _, address = self.python_server("tcp_server_phone")
                self.expect_answer(stage, address, "hello 你好", "HELLO 你好")

    def test_phone_loop(self):
        for stage in MANY:
            with self.subTest(stage):
                _, address = self.python_server("tcp_server_phone")
                client = self.course(stage, "client", address)
                client.type("one\n\n two \nexit\n")
                self.assertQuiet(client, "打了 exit")
                self.assertEqual(client.output.text(), "回答:ONE\n回答: TWO \n", "空行不发,每句一个回答")

    def test_phone_server_spins_after_the_end(self):
        server, address = self.python_server("tcp_server_phone")
        self.expect_answer("tcp-session", address, "hello", "HELLO")
        used = cpu_seconds(server)
        until(lambda: cpu_seconds(server) > used + 0.2, "客户走了,不认得末尾的服务器空转起来")
        server.end()

    def test_two_threads_and_then_nobody(self):
        server, address = self.python_server("tcp_server_threads")
        first = self.course("tcp-threads", "client", address)
        for said in ("hi1", "问题"):
            first.type_line(said)
            server.output.wait(f"接收到客户端发来的数据: {said}\n", "Python 服务器应当显示这句话")
        first.output.wait("(回答:ok,问题正在处理中\\.\\.\\.\n){2}", "每句应当有一个回答")
        watcher = self.connect(address)
        self.assertEqual(server.wait("第二位一来,主线程就到头了"), 0, "整个进程结束")
        with contextlib.suppress(ConnectionResetError):
            self.assertEqual(watcher.recv(1024), b"", "第二位被断开")
        first.type_line("还在吗").end_input()
        self.assertQuiet(first, "第一位也被断开", code=1)


class Talk(TcpTest):
    """tcp-talk 和 Python 的对话程序,谁都能先说 quit。"""

    def free_address(self):
        """一个此刻空闲的本机地址。"""
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            return host_port(sock)

    def with_python_client(self, *options):
        server, address = self.our_server("tcp-talk", *options)
        local = self.free_address()
        client = self.peer("tcp_client_chat", address, local)
        client.type_line("hello")
        server.output.wait(f"\n{local} 连上了\n对方:hello\n", "应当显示谁来了、说了什么")
        return server, client, address

    def with_python_server(self):
        server, address = self.python_server("tcp_server_chat")
        client = self.course("tcp-talk", "client", address)
        client.type_line("你好")
        server.output.wait("接收到客户端发来的数据: 你好\n", "Python 服务器应当显示这句话")
        return server, client

    def test_python_client(self):
        server, client, _ = self.with_python_client()
        server.type_line("hi there")
        client.output.wait("服务端返回: hi there\n", "应当显示人打的字")
        client.type_line("再说一句")
        server.output.wait("\n对方:再说一句\n", "应当显示第二句")

    def test_we_quit_and_the_python_client_ends(self):
        server, client, address = self.with_python_client()
        server.type_line("quit")
        self.assertEqual(client.wait("听到 quit 就应当结束"), 0, "Python 客户端应当正常结束")
        self.assertIn("服务端请求断开连接!!!\n", client.output.text())
        server.output.wait("服务完了\n", "我们也应当结束这场对话")
        self.connect(address).sendall(b"next")
        server.output.wait("\n对方:next\n", "应当接待下一位")

    def test_the_python_client_quits_and_we_take_the_next(self):
        server, client, address = self.with_python_client()
        server.type_line("hi")
        client.output.wait("服务端返回: hi\n", "应当显示人打的字")
        client.type_line("quit")
        server.output.wait("\n对方:quit\n127\\.0\\.0\\.1:\\d+ 服务完了\n", "听到 quit 就应当结束这场对话")
        client.output.wait("服务端返回: \n", "它自己不认得末尾,当成一句空话")
        client.type("再说\n又说\n")
        self.assertEqual(client.wait("往断了的连接上发"), 1, "它应当因为异常退出")
        self.connect(address).sendall(b"next")
        server.output.wait("\n对方:next\n", "应当接待下一位")

    def test_our_client_quits_and_the_python_server_ends(self):
        server, client = self.with_python_server()
        server.type_line("收到")
        client.output.wait("对方:收到\n", "应当显示人打的字")
        client.type_line("quit")
        self.assertQuiet(client, "打了 quit")
        self.assertEqual(server.wait("听到 quit 就应当结束"), 0, "Python 服务器应当正常结束")
        self.assertTrue(server.output.text().endswith("客户端请求断开连接!!!\n"))

    def test_the_python_server_quits_and_our_client_ends(self):
        server, client = self.with_python_server()
        server.type_line("quit")
        self.assertQuiet(client, "听到 quit")
        self.assertEqual(client.output.text(), "对方:quit\n")
        server.output.wait("接收到客户端发来的数据: \n请输入", "它自己不认得末尾,还在问下一句")
        self.assertIsNone(server.process.poll(), "它应当还停在键盘上")

    def test_chatterbox_does_not_hold_the_goodbye(self):
        server, address = self.our_server("tcp-talk")
        sock = self.connect(address)
        sock.sendall(b"hello")
        server.output.wait("\n对方:hello\n", "应当显示这句话")
        done = threading.Event()
        self.addCleanup(done.set)

        def chatter():
            with contextlib.suppress(OSError):
                while not done.wait(0.2):
                    sock.send(b".")

        threading.Thread(target=chatter, daemon=True).start()
        server.type_line("quit")
        server.output.wait("服务完了\n", "他一直说,我们也应当走")

    def test_goodbye_is_a_word_and_the_end_and_still_listening(self):
        server, address = self.our_server("tcp-talk")
        sock = self.connect(address)
        sock.sendall(b"hello")
        server.output.wait("\n对方:hello\n", "应当显示这句话")
        server.type_line("quit")
        self.assertEqual(self.read_to_end(sock), b"quit", "应当收到这个词,和流的末尾")
        # 它还在听:发给已经关闭的一方,第一句会引来复位,第二句就报错。
        for _ in range(2):
            sock.sendall(b"one moment")
        sock.close()
        server.output.wait("服务完了\n", "听完了就应当走")

    def test_second_client_from_the_same_port_is_refused(self):
        server, first, address = self.with_python_client()
        local = server.output.wait(r"\n(\S+) 连上了\n", "应当显示谁来了")[1]
        second = self.peer("tcp_client_chat", address, local)
        self.assertEqual(second.wait("端口已经有人用了"), 1, "固定端口的第二个客户端起不来")
        self.assertIn("Address already in use", second.errors.text())
        first.type_line("quit")


class Tools(TcpTest):
    """别人的工具。"""

    def test_netcat_closes_its_half(self):
        need("nc")
        for stage in STAGES:
            with self.subTest(stage):
                _, address = self.our_server(stage)
                client = self.start(["nc", "-N", *address.split(":")])
                client.type("from nc").end_input()
                self.assertEqual(client.wait("收到回答和末尾,nc 应当结束"), 0, "nc 应当正常结束")
                self.assertEqual(client.output.text(), "FROM NC", "说完关掉自己的方向,还应当听得到回答")

    def test_socat_both_ways(self):
        need("socat")
        text = "".join(f"line {n}\n" for n in range(20_000))
        for stage in MANY:
            with self.subTest(stage):
                _, address = self.our_server(stage)
                client = self.start(["socat", "-t", str(PATIENCE), "-", f"TCP:{address}"])
                client.type(text).end_input()
                self.assertEqual(client.wait("socat 应当结束"), 0, "socat 应当正常结束")
                self.assertEqual(client.output.data, text.upper().encode(), "回答应当一个字节不差")

    def test_socat_serves_our_client(self):
        need("socat")
        server = self.start(["socat", "-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1", "EXEC:cat"])
        port = server.errors.wait(r"listening on AF=2 127\.0\.0\.1:(\d+)", "socat 应当开始监听")[1]
        client = self.course("tcp-session", "client", f"127.0.0.1:{port}")
        client.type("echo\n回声\n").end_input()
        self.assertQuiet(client, "输入结束")
        self.assertEqual(client.output.text(), "回答:echo\n回答:回声\n", "cat 原样发回")


class Strangers(TcpTest):
    """不好相处的客户:别人不受影响,他走了什么也不留下。"""

    # 没有客户时的线程:主线程,和 ctrlc 的等信号的线程。
    resting = 2

    def test_dribble(self):
        """一个字节一个字节地来,中间停一停;别人不受影响。"""
        server, address = self.our_server("tcp-threads")
        slow = self.connect(address)
        for byte in "慢慢说 slow".encode():
            slow.sendall(bytes([byte]))
            self.assertEqual(self.read(slow, 1), bytes([byte]).upper(), "来一个字节回答一个字节")
            self.assertServes(address, "not slow at all")
        slow.close()

    def test_stopped_client(self):
        """停住的客户:不收不发,也不挂断。只占他自己的线程,太久了请他走。"""
        need("nc")
        server, address = self.our_server("tcp-threads", "--idle", "1")
        client = self.start(["sh", "-c", f'exec nc {address.replace(":", " ")}'])
        server.output.wait("连上了\n", "应当接待他")
        client.signal(signal.SIGSTOP)
        self.assertServes(address, "the others")
        server.output.wait("太久没有说话\n", "到了期限应当请他走")
        until(lambda: threads_of(server) == self.resting, "线程应当结束")
        client.signal(signal.SIGCONT)
        client.end_input()
        self.assertEqual(client.wait("两边都说完了,nc 应当结束"), 0)
        self.assertEqual(client.output.text(), "太久没有说话,再见", "走之前应当告诉他")

    def test_never_reading(self):
        """只说不听的客户:发送有期限,到了就放弃他。"""
        server, address = self.our_server("tcp-threads")
        deaf = self.connect(address)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            while select.select([], [deaf], [], 1)[1]:
                deaf.send(b"x" * 65_536)
        self.assertServes(address, "the others")
        server.errors.wait("服务 127\\.0\\.0\\.1:\\d+ 时:发送失败", "到了期限应当放弃他", patience=3 * PATIENCE)
        until(lambda: threads_of(server) == self.resting, "线程应当结束")

    def test_reset(self):
        server, address = self.our_server("tcp-threads")
        for _ in range(50):
            sock = self.connect(address)
            sock.sendall(b"gone")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
        self.assertServes(address, "after fifty resets")
        until(lambda: threads_of(server) == self.resting, "线程应当结束")
        self.assertNotIn("panicked", server.errors.text(), "不应当恐慌")



class Crowd(TcpTest):
    """许多客户一起来。"""

    def arrive(self, address, count):
        """来 `count` 位客户,都连着不说话。"""
        return [self.connect(address) for _ in range(count)]

    def expect_served(self, server, count):
        until(lambda: server.output.text().count(" 连上了\n") >= count, f"应当接待 {count} 位")

    def test_everyone_gets_their_own_answers(self):
        server, address = self.our_server("tcp-threads", "--customers", str(CROWD))
        before = threads_of(server), descriptors_of(server)
        customers = self.arrive(address, CROWD)
        self.expect_served(server, CROWD)
        self.assertEqual(threads_of(server), before[0] + CROWD, "每位一个线程")
        self.assertEqual(descriptors_of(server), before[1] + CROWD, "每位一个描述符")
        # 每位三句,都先说了再听:谁的回答归谁,次序不变,一个字节不差。
        wanted = [b""] * CROWD
        for turn in range(3):
            for number, sock in enumerate(customers):
                said = f"customer {number} turn {turn} 第{turn}句;".encode() * (1 + number % 7)
                sock.sendall(said)
                wanted[number] += said.upper()
        for number, sock in enumerate(customers):
            self.assertEqual(self.read(sock, len(wanted[number])), wanted[number], f"第 {number} 位的回答")
            sock.shutdown(socket.SHUT_WR)
            self.assertEqual(self.read_to_end(sock), b"", "说完了,服务器应当挂断,不多说")
        self.expect_rest(server, before)
        self.assertEqual(server.errors.text(), "", "没有出错")

    def expect_rest(self, server, before):
        """线程和描述符应当都还了回来。"""
        now = lambda: (threads_of(server), descriptors_of(server))
        until(lambda: now() == before, lambda: f"线程和描述符应当回到 {before},却是 {now()}")

    def test_full_house_tells_the_rest(self):
        server, address = self.our_server("tcp-threads", "--customers", "5")
        before = threads_of(server), descriptors_of(server)
        seated = self.arrive(address, 5)
        self.expect_served(server, 5)
        for _ in range(50):
            self.assertEqual(self.read_to_end(self.connect(address)).decode(), "客人太多,请稍后再来")
        for number, sock in enumerate(seated):
            self.ask(sock, f"seat {number}")
            sock.close()
        self.expect_rest(server, before)
        self.assertServes(address, "a free seat")

    def few_descriptors(self, limit, *options):
        """启动一个最多能有 `limit` 个描述符的 tcp-threads。"""
        command = ["sh", "-c", f'ulimit -n {limit}; exec "$0" "$@"', binary("tcp-threads"), "server", "127.0.0.1:0"]
        server = self.start([*command, *options])
        host, port = self.listening(server)
        return server, f"{host}:{port}"

    def room(self):
        """没有客户时用掉几个描述符。"""
        server, _ = self.our_server("tcp-threads")
        used = descriptors_of(server)
        server.end()
        return used

    def test_out_of_descriptors(self):
        # 描述符够几位,就接待几位。
        served = 8
        server, address = self.few_descriptors(self.room() + served)
        customers = self.arrive(address, 2 * served)
        server.errors.wait("错误:等待客户时出错:打开的文件和连接太多了", "应当说描述符用完了")
        self.expect_served(server, served)
        used = cpu_seconds(server)
        time.sleep(2)
        self.assertLess(cpu_seconds(server) - used, 0.2, "等着的时候不应当空转")
        self.assertEqual(server.errors.text().count("错误:"), 1, "说一次就够了")
        for number, sock in enumerate(customers[:served]):
            self.ask(sock, f"seated {number}")
        # 有人走了,排着队的马上有座位,不用等到下一次再试(一秒以后)。机器忙,也只耽误其中几次。
        waits = []
        for number in range(served):
            start = time.monotonic()
            customers[number].close()
            self.ask(customers[served + number], f"from the queue {number}")
            waits.append(time.monotonic() - start)
        self.assertLess(statistics.median(waits), 0.5, "走一位,马上来一位")

    def test_ctrl_c_with_no_descriptor_left(self):
        """等客户的 accept 已经占了最后一个描述符:叫醒它不能再要一个新的。"""
        for spare in (0, 1, 2):
            with self.subTest(spare=spare):
                server, address = self.few_descriptors(self.room() + 4, "--grace", "0")
                customers = self.arrive(address, 4 - spare)
                self.expect_served(server, 4 - spare)
                server.signal(signal.SIGINT)
                self.assertQuiet(server, "Ctrl-C 以后,期限是 0 秒")
                for sock in customers:
                    self.assertEqual(self.read_to_end(sock).decode(), "服务器要关闭了")


class Closing(TcpTest):
    """tcp-threads 的收场。"""

    def busy(self, *options, count=3):
        """正在服务几位客户的服务器。"""
        server, address = self.our_server("tcp-threads", *options)
        customers = [self.connect(address) for _ in range(count)]
        for number, sock in enumerate(customers):
            self.ask(sock, f"customer {number}")
        return server, address, customers

    def refused(self, address):
        """新客户连不上了。"""
        host, port = address.split(":")
        with socket.socket() as sock:
            return sock.connect_ex((host, int(port))) != 0

    def test_in_order(self):
        server, address, customers = self.busy("--grace", "2")
        port = int(address.split(":")[1])
        server.signal(signal.SIGINT)
        server.errors.wait("不再接待新客户;还有 3 位,最多等 2 秒,再按一次 Ctrl-C 立刻结束\n", "应当说出来")
        # 先关门。
        self.assertEqual(sockets("listening", f"sport = :{port}"), [], "不再监听")
        self.assertTrue(self.refused(address), "新客户连不上")
        # 正在服务的还能说完。
        for number, sock in enumerate(customers):
            self.ask(sock, f"still here {number}")
        customers[0].close()
        self.assertIsNone(server.process.poll(), "还有两位,应当等他们")
        # 到了期限还没有走的,告诉他。
        for sock in customers[1:]:
            self.assertEqual(self.read_to_end(sock).decode(), "服务器要关闭了", "走之前应当告诉他")
        self.assertQuiet(server, "期限到了")

    def test_nobody_to_wait_for(self):
        server, address = self.our_server("tcp-threads", "--grace", "60")
        server.signal(signal.SIGINT)
        self.assertQuiet(server, "一位客户也没有")
        self.assertEqual(server.errors.text(), "", "没有什么要说的")
        # 没有设地址复用的程序,也能马上用这个端口。
        with socket.socket() as plain:
            plain.bind(("127.0.0.1", int(address.split(":")[1])))

    def test_ends_as_soon_as_the_last_one_leaves(self):
        server, _, customers = self.busy("--grace", "60")
        server.signal(signal.SIGINT)
        server.errors.wait("不再接待新客户", "应当说出来")
        for sock in customers:
            sock.close()
        self.assertQuiet(server, "最后一位走了,不用等到期限")

    def test_second_ctrl_c(self):
        server, _, _ = self.busy("--grace", "60")
        server.signal(signal.SIGINT)
        server.errors.wait("再按一次 Ctrl-C 立刻结束\n", "应当说出来")
        server.signal(signal.SIGINT)
        self.assertQuiet(server, "第二次 Ctrl-C", code=1)

    def test_restart_on_the_same_port_at_once(self):
        server, address, customers = self.busy("--grace", "0")
        port = int(address.split(":")[1])
        server.signal(signal.SIGINT)
        self.assertQuiet(server, "期限是 0 秒")
        for sock in customers:
            self.read_to_end(sock)
            sock.close()
        until(lambda: sockets("time-wait", f"sport = :{port}"), "先挂断的是服务器,TIME_WAIT 应当留在它的端口上")
        again = self.course("tcp-threads", "server", address)
        self.listening(again)
        self.assertServes(address, "again")
        # 没有设地址复用的程序,这时绑定不了这个端口。
        with socket.socket() as plain, self.assertRaises(OSError):
            plain.bind(("127.0.0.1", port))

    def test_the_queue_is_told(self):
        """Ctrl-C 的时候还排着队的,一个也不会没人理:不管轮没轮到,都听得到一句话。"""
        server, address, _ = self.busy("--grace", "0")
        # 停住的服务器不 accept,操作系统照样替它握手:这些人都在队列里。
        server.signal(signal.SIGSTOP)
        late = [self.connect(address) for _ in range(50)]
        server.signal(signal.SIGINT)
        server.signal(signal.SIGCONT)
        for sock in late:
            self.assertEqual(self.read_to_end(sock).decode(), "服务器要关闭了", "应当告诉他")
        self.assertQuiet(server, "期限是 0 秒")

    def test_all_addresses(self):
        """监听所有网卡时,叫醒自己的那一次连的是本机。"""
        for listen in ("0.0.0.0:0", "[::]:0", "[::1]:0"):
            with self.subTest(listen):
                server = self.course("tcp-threads", "server", listen)
                self.listening(server)
                server.signal(signal.SIGINT)
                self.assertQuiet(server, "Ctrl-C")


if __name__ == "__main__":
    unittest.main()
