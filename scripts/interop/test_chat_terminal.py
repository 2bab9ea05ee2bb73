"""tcp-chat 的客户端在真的终端里:别人的话随时会来,正在打的那一行不能乱;怎样结束,终端都恢复原样。

服务器由测试扮演:收发帧的一个 Python 线程。27 的客户端是同样的几个文件,用 CHAT_BINARY 换成它。
"""

import os
import queue
import shlex
import signal
import socket
import struct
import threading
import unittest

import test_terminal  # 只导入模块:导入了测试类,unittest 会再运行它们一遍
from support import PATIENCE, binary, host_port

CHAT = os.environ.get("CHAT_BINARY", "tcp-chat")


class Member:
    """一位成员的连接,服务器这一头。"""

    def __init__(self, test, sock):
        self.test, self.sock = test, sock
        test.addCleanup(sock.close)
        sock.settimeout(PATIENCE)

    def hear(self, what):
        """成员说的下一行;他关闭了连接是 None。"""
        try:
            header = self.exactly(4)
            return header and self.exactly(*struct.unpack(">I", header)).decode()
        except TimeoutError:
            self.test.fail(f"{what}:等了 {PATIENCE} 秒,什么也没有收到")

    def exactly(self, length):
        received = b""
        while len(received) < length:
            chunk = self.sock.recv(length - len(received))
            if not chunk:
                return None
            received += chunk
        return received

    def say(self, line):
        body = line.encode()
        self.sock.sendall(struct.pack(">I", len(body)) + body)

    def hang_up(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


class ChatTest(test_terminal.TerminalTest):
    """在 tmux 里运行聊天室的客户端。"""

    def setUp(self):
        self.open_door()
        self.addCleanup(self.close_door)

    def open_door(self):
        """在一个新的端口上等客户端。"""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.members = queue.Queue()
        self.doorman = threading.Thread(target=self.accept, args=(self.listener, self.members))
        self.doorman.start()

    def accept(self, listener, members):
        while True:
            try:
                members.put(listener.accept()[0])
            except OSError:
                return

    def close_door(self):
        """服务器不在了:以后的连接都被拒绝。"""
        if self.doorman.is_alive():
            # close 关不掉另一个线程正在 accept 的套接字;先叫它出来,描述符才能给别人用。
            self.listener.shutdown(socket.SHUT_RDWR)
            self.doorman.join(PATIENCE)
            self.listener.close()

    def client(self, *options, name="小明", **size):
        """在一个窗格里运行客户端,不等它。"""
        named = ["--name", name] if name else []
        words = [binary(CHAT), "client", host_port(self.listener), *named, *options]
        return self.pane(shlex.join(words), **size)

    def member(self, what="客户端应当来连接"):
        try:
            return Member(self, self.members.get(timeout=PATIENCE))
        except queue.Empty:
            self.fail(f"{what}:等了 {PATIENCE} 秒")

    def welcome(self, name="小明"):
        member = self.member()
        self.assertHears(member, name, "第一行应当是昵称")
        member.say(f"* 欢迎,{name}。在场 1 人:{name}")
        return member

    def joined(self, *options, **size):
        """加入了的客户端:(窗格, 成员)。"""
        pane = self.client(*options, **size)
        member = self.welcome()
        pane.wait(lambda lines: lines[-1] == ">", "加入以后应当打印提示符")
        return pane, member

    def half_typed(self, text, *options, **size):
        pane, member = self.joined(*options, **size)
        pane.type(text)
        self.assertLast(pane, [f"> {text}"], "应当显示打的半行")
        return pane, member

    def assertHears(self, member, line, what):
        self.assertEqual(member.hear(what), line, what)

    def assertLast(self, pane, texts, what):
        """画面的最后几行,一行太长就折行。"""
        expected = [row.rstrip() for text in texts for row in test_terminal.rows(text, pane.width)]
        pane.wait(
            lambda lines: lines[-len(expected):] == expected,
            f"{what}:最后几行应当是 {expected}",
        )

    def assertSane(self, pane, what, code=0, error=None):
        """程序结束了,终端恢复了原样。"""
        lines = pane.wait_text("终端完毕", f"{what},程序应当结束")
        text = "\n".join(lines)
        self.assertRegex(text, rf"(?m)退出码 {code}$", f"{what}:退出码应当是 {code}")
        settings = text[text.rindex("退出码"):]
        for setting in ("icanon", "echo", "isig", "icrnl", "opost"):
            self.assertRegex(settings, rf"(?<![-\w]){setting}\b", f"{what}:终端的 {setting} 应当打开着:\n{text}")
        self.assertNotIn("panicked", text, f"{what}:不应当恐慌")
        if error:
            self.assertIn(f"错误:{error}", text, what)
        else:
            self.assertNotIn("错误", text, f"{what}:不应当报告错误")
        return lines


class HalfTyped(ChatTest):
    """打了半行,别人的话来了。"""

    def interrupted(self, half, messages, keys=(), **size):
        pane, member = self.half_typed(half, **size)
        if keys:
            pane.press(*keys)
        for message in messages:
            member.say(message)
        self.assertLast(pane, [*messages, f"> {half}"], "别人的话来了")
        return pane, member

    def test_wide_characters_in_both(self):
        pane, member = self.interrupted("你好,我正在打", ["小红:你好,在吗?", "* 小刚 来了"])
        pane.type("字").press("Enter")
        self.assertHears(member, "你好,我正在打字", "打完这一行")

    def test_both_longer_than_the_pane(self):
        half = "你好" * 30 + "abc"
        pane, member = self.interrupted(half, ["小红:" + "很长的话" * 20], width=40)
        pane.type("。").press("Enter")
        self.assertHears(member, half + "。", "打完一行很长的字")

    def test_cursor_in_the_middle(self):
        pane, member = self.interrupted("你好世界", ["小红:插进来的一句"], keys=("Left", "Left"))
        pane.type("的").press("Enter")
        self.assertHears(member, "你好的世界", "在中间补一个字")

    def test_control_characters(self):
        pane, member = self.half_typed("半行")
        member.say("小红:\x1b[2J\x1b[H\x07\r\nX")
        self.assertLast(pane, [r"小红:\u{1b}[2J\u{1b}[H\u{7}\r\nX", "> 半行"], "服务器没有换掉控制字符")

    def test_heartbeat_is_invisible(self):
        pane, member = self.half_typed("半行")
        member.say("")
        self.assertHears(member, "", "心跳应当得到回答")
        member.say("小红:还在")
        self.assertLast(pane, [f"* 欢迎,小明。在场 1 人:小明", "小红:还在", "> 半行"], "心跳不应当显示")


class Busy(ChatTest):
    """一边打字一边来话。"""

    def test_talking_over_each_other(self):
        pane, member = self.joined(height=50)
        heard, said, pasted = 3000, 0, 20
        self.tmux.run("set-buffer", "-b", "many", "粘贴\n" * pasted)
        talker = threading.Thread(target=self.talk, args=(member, heard))
        talker.start()
        # 粘贴的几行挨着:两行之间,行编辑器还没有取走的话不能被后来的抢先。
        while talker.is_alive():
            self.tmux.run("paste-buffer", "-b", "many", "-t", pane.name)
            pane.type("打的").press("Enter")
            said += 1
        pane.type("打了半行")
        pane.wait(
            lambda lines: f"小红:{heard - 1}" in lines and lines[-1] == "> 打了半行",
            "双方同时说完,应当显示最后一句,半行在最后",
        )
        # tmux 只留着最后两千行。
        shown = [line for line in pane.screen() if line.startswith("小红:")]
        expected = [f"小红:{number}" for number in range(heard)][-len(shown):]
        self.assertEqual(shown, expected, "每一句应当各占一行、一次、次序不变")
        for _ in range(said):
            for line in ["粘贴"] * pasted + ["打的"]:
                self.assertHears(member, line, "打的每一行应当完整")

    def talk(self, member, count):
        for number in range(count):
            member.say(f"小红:{number}")
            if number % 10 == 0:
                threading.Event().wait(0.005)  # 分散开,好与打字交错

    def test_paste_of_many_lines(self):
        pane, member = self.joined()
        lines = [f"粘贴 {number}" for number in range(100)]
        self.tmux.run("set-buffer", "-b", "lines", "\n".join(lines) + "\n")
        self.tmux.run("paste-buffer", "-p", "-b", "lines", "-t", pane.name)
        for line in lines:
            member.say(f"小红:听到{line}")
            self.assertHears(member, line, "粘贴的每一行应当各是一句")
        pane.wait(lambda lines: lines[-1] == ">" and "小红:听到粘贴 99" in lines, "粘贴完应当回到提示符")


class Names(ChatTest):
    def test_asked_until_accepted(self):
        pane = self.client(name=None)
        for answer, error in (("", "昵称不能是空的"), ("小 明", "昵称里不能有空格")):
            pane.wait(lambda lines: lines[-1] == "请输入昵称:", "应当问昵称")
            pane.type(answer).press("Enter")
            pane.wait_text(error, f"昵称「{answer}」不能用")
        pane.wait(lambda lines: lines[-1] == "请输入昵称:", "应当再问昵称")
        pane.type("小红").press("Enter")
        member = self.member()
        self.assertHears(member, "小红", "第一行应当是昵称")
        member.say("! 昵称「小红」已经有人用了")
        pane.wait(
            lambda lines: lines[-2:] == ["错误:昵称「小红」已经有人用了", "请输入昵称:"],
            "服务器不接受,应当再问",
        )
        pane.type("小明").press("Enter")
        self.welcome()
        pane.wait(lambda lines: lines[-1] == ">", "加入以后应当打印提示符")
        pane.press("C-d")

    def test_ctrl_c_at_the_question(self):
        for options in ({"name": None}, {}):
            pane = self.client(**options)
            if options:
                pane.wait(lambda lines: lines[-1] == "请输入昵称:", "应当问昵称")
            else:
                self.member("有昵称就应当连接")
            pane.press("C-c")
            self.assertSane(pane, f"加入以前按 Ctrl-C({options})")


class Reconnecting(ChatTest):
    def test_typing_goes_on(self):
        pane, member = self.half_typed("半行")
        member.hang_up()
        self.assertLast(pane, ["连接断了,1 秒后再连", "> 半行"], "连接断了")
        pane.type("打完").press("Enter")
        pane.type("又半行")
        member = self.welcome()
        self.assertHears(member, "半行打完", "断线时打的应当发出")
        last = ["重新连上了", "* 欢迎,小明。在场 1 人:小明", "> 又半行"]
        self.assertLast(pane, last, "重新连上了")
        pane.press("Enter")
        self.assertHears(member, "又半行", "重新连上以后打完的一行")

    def test_leaving_while_disconnected(self):
        for key in ("C-c", "C-d"):
            pane, member = self.joined()
            self.close_door()
            member.hang_up()
            pane.wait_text("连接断了", "连接断了应当说出来")
            pane.press(key)
            self.assertSane(pane, f"断着线按 {key}")
            self.open_door()

    def test_leaving_with_unsent_lines(self):
        pane, member = self.joined()
        self.close_door()
        member.hang_up()
        pane.wait_text("连接断了", "连接断了应当说出来")
        pane.type("一").press("Enter").type("二").press("Enter", "C-d")
        self.assertSane(pane, "还有话没有发出就离开", 1, "有 2 行没有发出")

    def test_full(self):
        pane, member = self.joined()
        self.close_door()
        member.hang_up()
        pane.wait_text("连接断了", "连接断了应当说出来")
        self.tmux.run("set-buffer", "-b", "many", "x\n" * 1002)
        self.tmux.run("paste-buffer", "-b", "many", "-t", pane.name)
        pane.wait_text("已经攒了 1000 行没有发出,这一行没有留下", "攒不下应当说出来")
        pane.press("C-d")
        self.assertSane(pane, "攒满了离开", 1, "有 100")


class Ending(ChatTest):
    """怎样结束都正常,终端也恢复原样。"""

    def ends(self, what, *keys, half=""):
        pane, member = self.half_typed(half) if half else self.joined()
        pane.press(*keys)
        self.assertHears(member, "/quit", f"{what},应当告辞")
        member.say("小红:慢走")
        member.hang_up()
        lines = self.assertSane(pane, what)
        self.assertIn("小红:慢走", lines, f"{what}:服务器关闭连接以前说的也应当显示")

    def test_ctrl_d(self):
        self.ends("按 Ctrl-D", "C-d")

    def test_ctrl_c(self):
        self.ends("按 Ctrl-C", "C-c")

    def test_ctrl_c_on_a_half_typed_line(self):
        self.ends("打了半行按 Ctrl-C", "C-c", half="你好,半行")

    def test_quit(self):
        self.ends("打 /quit", "Enter", half="/quit")

    def test_second_ctrl_c_does_not_wait(self):
        pane, member = self.joined()
        pane.press("C-c")
        self.assertHears(member, "/quit", "应当告辞")
        pane.press("C-c")
        self.assertSane(pane, "服务器不关闭连接,再按 Ctrl-C")

    def test_interrupt_signal_from_outside(self):
        pane, member = self.half_typed("半行")
        os.kill(pane.program(), signal.SIGINT)
        self.assertHears(member, "/quit", "收到 SIGINT,应当告辞")
        member.hang_up()
        self.assertSane(pane, "收到 SIGINT")

    def test_no_reconnect(self):
        for _ in range(8):
            pane, member = self.half_typed("半行", "--no-reconnect")
            member.say("小红:最后一句")
            member.hang_up()
            lines = self.assertSane(pane, "断了不再连", 1, "连接断了:服务器关闭了连接")
            # 终端关闭时,它可能还在行编辑器的队列里。
            self.assertIn("小红:最后一句", lines, "断线以前的话应当显示")

    def test_huge_frame(self):
        pane, member = self.half_typed("半行")
        member.sock.sendall(b"\x7f\xff\xff\xff")
        self.assertSane(pane, "服务器发来很大的一帧", 1, "服务器发来的话太长")

    def test_output_is_a_pipe(self):
        words = [binary(CHAT), "client", host_port(self.listener), "--name", "小明"]
        pane = self.pane(f"{shlex.join(words)} | cat")
        member = self.welcome()
        pane.wait_text("* 欢迎,小明", "应当显示欢迎")
        pane.type("你好").press("Enter")
        self.assertHears(member, "你好", "输出是管道时也应当能说话")
        pane.press("C-d")
        self.assertHears(member, "/quit", "输出是管道时按 Ctrl-D")
        member.hang_up()
        self.assertSane(pane, "输出是管道时按 Ctrl-D")


if __name__ == "__main__":
    unittest.main()
