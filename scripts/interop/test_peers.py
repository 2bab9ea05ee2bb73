"""与 Python 程序互通:同一件事,一边是我们的程序,一边是 Python 的。"""

import subprocess
import unittest

from support import PEERS, SERVERS, InteropTest, binary, host_port, python, udp_port_of


class UdpSend(InteropTest):
    """我们发,Python 收。"""

    def test_gbk_bytes_arrive_and_nothing_else(self):
        sock = self.udp()
        # 与讲义里的命令一样,由 shell 的管道喂输入。
        command = f"printf '你好\\nexit\\n' | '{binary('udp-send')}' {host_port(sock)} --encoding gbk"
        program = self.start(["sh", "-c", command], stdin=subprocess.DEVNULL)
        payload, _ = self.receive(sock, "udp-send 应当发来「你好」")
        self.assertEqual(payload.hex(), "c4e3bac3", "「你好」的 GBK 字节应当是 c4e3bac3")
        self.assertQuiet(program, "发完「你好」和 exit")
        self.assertNothingMore(sock, "exit 和换行不应当发出来")

    def test_python_receiver_shows_gbk(self):
        receiver = self.start(python(PEERS / "recv_once.py", "127.0.0.1:0"))
        host, port = self.listening(receiver)
        sender = self.course("udp-send", f"{host}:{port}", "--encoding", "gbk")
        sender.type_line("你好").end_input()
        self.assertQuiet(sender, "udp-send 发完一行")
        self.assertEqual(receiver.wait("Python 收到一个就应当结束"), 0, "Python 接收方应当正常结束")
        self.assertRegex(
            receiver.output.text(),
            r"\('127\.0\.0\.1', \d+\) 发送了:你好\n\Z",
            "Python 按 GBK 解码应当得到「你好」",
        )

    def test_wrong_encoding_is_the_known_mojibake(self):
        receiver = self.start(python(PEERS / "recv_once.py", "127.0.0.1:0", "gbk"))
        host, port = self.listening(receiver)
        sender = self.course("udp-send", f"{host}:{port}")
        sender.type_line("你好").end_input()
        receiver.wait("Python 收到一个就应当结束")
        self.assertIn("发送了:浣犲ソ", receiver.output.text(), "UTF-8 的「你好」按 GBK 读应当是「浣犲ソ」")

    def test_lines_and_empty_line_from_one_port(self):
        sock = self.udp()
        sender = self.course("udp-send", host_port(sock))
        sender.type("hahaha\n\n第三行\n exit \n不该发\n").end_input()
        received = [self.receive(sock, "udp-send 应当发来三个数据报") for _ in range(3)]
        payloads = [payload for payload, _ in received]
        self.assertEqual(payloads, [b"hahaha", b"", "第三行".encode()], "一行一个数据报,空行是空数据报")
        self.assertEqual(len({peer for _, peer in received}), 1, "三个数据报应当来自同一个端口")
        self.assertQuiet(sender, "打了「 exit 」")
        self.assertNothingMore(sock, "exit 以后不应当再发")

    def test_bound_source_port(self):
        sock, free = self.udp(), self.udp()
        local = host_port(free)
        free.close()
        sender = self.course("udp-send", host_port(sock), "--bind", local)
        sender.type_line("从指定的端口").end_input()
        _, peer = self.receive(sock, "udp-send --bind 应当发来一个数据报")
        self.assertEqual("%s:%d" % peer, local, "源地址应当是 --bind 的地址")
        self.assertQuiet(sender, "udp-send --bind 发完一行")


class UdpRecv(InteropTest):
    """Python 发,我们收。"""

    def expect_shown(self, options, payload, text):
        receiver, address = self.server("udp-recv", "127.0.0.1:0", "--count", "1", *options)
        sock = self.udp()
        sock.sendto(payload, address)
        self.assertQuiet(receiver, "udp-recv 收满一个")
        expected = f"{host_port(sock)} 发送了:{text}\n"
        shown = receiver.output.text().split("\n", 1)[1]
        self.assertEqual(shown, expected, "应当显示发送方的 IP:PORT 和内容")

    def test_sendto_utf8(self):
        self.expect_shown([], "你好".encode(), "你好")

    def test_sendto_gbk(self):
        self.expect_shown(["--encoding", "gbk"], "你好".encode("gbk"), "你好")

    def test_sendto_neither(self):
        self.expect_shown([], b"\xff\xfeA", r"\xff\xfeA")
        self.expect_shown(["--encoding", "gbk"], b"\xc4\xe3\xff", r"你\xff")

    def test_sendto_empty(self):
        self.expect_shown([], b"", "")

    def test_sendto_terminal_escape(self):
        self.expect_shown([], b"a\x1b[2J\r\nb", r"a\u{1b}[2J\r\nb")

    def test_python_loop_sender(self):
        receiver, (host, port) = self.server("udp-recv", "127.0.0.1:0", "--count", "3")
        sender = self.start(python(PEERS / "send_loop.py", f"{host}:{port}"))
        sender.type("hahaha\n\n你好\nexit\n")
        self.assertQuiet(receiver, "udp-recv 收满三个")
        self.assertEqual(sender.wait("Python 读到 exit 应当结束"), 0, "Python 发送方应当正常结束")
        lines = receiver.output.text().splitlines()[1:]
        texts = [line.split(" 发送了:", 1)[-1] for line in lines]
        self.assertEqual(texts, ["hahaha", "", "你好"], "每个数据报应当显示一行,空的也算")
        sources = {line.split(" ", 1)[0] for line in lines}
        self.assertEqual(len(sources), 1, "没有绑定的 Python 循环发送也应当用同一个端口")

    def test_python_bound_gbk_sender(self):
        receiver, (host, port) = self.server("udp-recv", "127.0.0.1:0", "--count", "1", "--encoding", "gbk")
        free = self.udp()
        local = host_port(free)
        free.close()
        sender = self.start(python(PEERS / "send_loop.py", f"{host}:{port}", "gbk", local))
        sender.type("你好\nexit\n")
        self.assertQuiet(receiver, "udp-recv 收满一个")
        self.assertIn(f"\n{local} 发送了:你好\n", receiver.output.text(), "应当显示 Python 绑定的端口")


class UdpEcho(InteropTest):
    """一问一答,两边各是一种语言。"""

    def test_python_client_against_our_server(self):
        server, (host, port) = self.server("udp-echo", "server", "127.0.0.1:0")
        client = self.start(python(PEERS / "s3_client.py", f"{host}:{port}", "hello"))
        self.assertEqual(client.wait("Python 客户端收到回答应当结束"), 0, "Python 客户端应当正常结束")
        self.assertEqual(client.output.text(), "b'hello'\n", "Python 客户端应当收到一样的 hello")
        server.output.wait(r"\n127\.0\.0\.1:\d+ 发送了:hello\n", "服务器应当显示客户和内容")

    def test_send_then_recv_on_one_socket(self):
        _, (host, port) = self.server("udp-echo", "server", "127.0.0.1:0")
        client = self.start(python(PEERS / "send_then_recv.py"))
        client.type(f"{host}\n{port}\nhahaha\n")
        self.assertEqual(client.wait("Python 收到回答应当结束"), 0, "Python 先发后收应当正常结束")
        self.assertIn(
            f"(b'hahaha', ('{host}', {port}))",
            client.output.text(),
            "回答应当来自我们的服务器的地址",
        )

    def test_any_bytes_come_back(self):
        _, address = self.server("udp-echo", "server", "127.0.0.1:0")
        sock = self.udp()
        for payload in (b"", bytes(range(256)), b"\xff\xfe", "你好".encode("gbk"), b"a\n", b"\0"):
            sock.sendto(payload, address)
            answer, peer = self.receive(sock, f"应当原样发回 {payload!r}")
            self.assertEqual(answer, payload, "回声应当一个字节不差")
            self.assertEqual(peer, address, "回答应当来自监听的地址")

    def test_our_client_against_format_server(self):
        server = self.start(python(PEERS / "s3_server.py", "127.0.0.1:0"))
        host, port = self.listening(server)
        client = self.course("udp-echo", "client", f"{host}:{port}")
        client.type("hello\nit's\n你好\n\nexit\n").end_input()
        self.assertQuiet(client, "udp-echo client 打了 exit")
        local = client.errors.wait(r"从 \S+:(\d+) 发往", "客户端应当说出自己的端口")[1]
        addr = f"('127.0.0.1', {local})"
        said = [repr(text.encode()) for text in ("hello", "it's", "你好", "")]
        expected = "".join(f"回声:{text}-{addr}\n" for text in said)
        self.assertEqual(client.output.text(), expected, "应当原样显示服务器拼出来的 Python 写法")

    def test_our_client_against_python_echo(self):
        server = self.start(python(SERVERS / "right.py", "127.0.0.1:0"))
        # 那个服务器一个字也不打印:端口从套接字表里找。
        port = udp_port_of(server)
        client = self.course("udp-echo", "client", f"127.0.0.1:{port}", "--encoding", "gbk")
        client.type("你好\n再见\n").end_input()
        self.assertQuiet(client, "udp-echo client 的输入结束")
        self.assertEqual(client.output.text(), "回声:你好\n回声:再见\n", "GBK 的回声应当按 GBK 显示")

    def test_stranger_is_ignored(self):
        server, stranger = self.udp(), self.udp()
        client = self.course("udp-echo", "client", host_port(server))
        client.type_line("question")
        _, peer = self.receive(server, "客户端应当发来问题")
        stranger.sendto("冒充的".encode(), peer)
        server.sendto("真正的".encode(), peer)
        client.output.wait("回声:真正的\n", "应当显示服务器的回答")
        self.assertNotIn("冒充的", client.output.text(), "陌生人的数据报不应当算作回答")


if __name__ == "__main__":
    unittest.main()
