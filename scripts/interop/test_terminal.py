"""udp-duplex 在真的终端里:别人的话随时会来,正在打的那一行不能乱。

终端是 tmux 的窗格;tmux 用自己的套接字,测试结束时它和里面的程序都被结束。
"""

import atexit
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import unicodedata
import unittest
from pathlib import Path

from support import ENVIRONMENT, PATIENCE, InteropTest, binary, children, host_port, missing, need, until

# 程序结束以后,终端里再打印这两样:退出码,和终端的设置。
AFTERWARDS = '; echo "退出码 $?"; stty -a; echo 终端完毕'


def rows(text, width):
    """一段文字在这么宽的终端里占的各行;汉字占两列,一行末尾放不下就换行。"""
    result, used = [""], 0
    for character in text:
        columns = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used + columns > width:
            result.append("")
            used = 0
        result[-1] += character
        used += columns
    return result


class Tmux:
    """一个自己的 tmux 服务器。"""

    def __init__(self):
        self.name = f"course-interop-{os.getpid()}"
        self.folder = tempfile.mkdtemp(prefix="interop-tmux-")
        self.environment = {**ENVIRONMENT, "TMUX_TMPDIR": self.folder, "TERM": "xterm-256color"}
        self.environment.pop("TMUX", None)

    def run(self, *words):
        result = subprocess.run(
            ["tmux", "-u", "-f", "/dev/null", "-L", self.name, *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
        return result.stdout.decode()

    def start(self):
        """启动服务器:没有窗格时也不退出,程序结束以后窗格留着。"""
        self.run(
            *["start-server", ";", "set", "-g", "exit-empty", "off", ";"],
            *["set", "-g", "remain-on-exit", "on"],
        )

    def end(self):
        try:
            self.run("kill-server")
        except subprocess.SubprocessError:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)


class Pane:
    """一个窗格:打字、看画面。"""

    def __init__(self, tmux, name, command, width, height):
        self.tmux, self.name, self.width = tmux, name, width
        size = ["-x", str(width), "-y", str(height)]
        tmux.run("new-session", "-d", "-s", name, *size, command)

    def type(self, text):
        """打字,不按回车。"""
        self.tmux.run("send-keys", "-t", self.name, "-l", text)
        return self

    def press(self, *keys):
        """按键,例如 Enter、C-d。"""
        self.tmux.run("send-keys", "-t", self.name, *keys)
        return self

    def screen(self):
        """画面和滚出去的历史,每行一项;末尾的空行不要。"""
        text = self.tmux.run("capture-pane", "-p", "-S", "-", "-t", self.name)
        return [line.rstrip() for line in text.rstrip("\n ").split("\n")]

    def wait(self, condition, what):
        """等画面合乎条件,返回它的各行。"""
        lines = []

        def look():
            nonlocal lines
            lines = self.screen()
            return condition(lines)

        until(look, lambda: f"{what},画面却是:\n" + "\n".join(lines))
        return lines

    def wait_text(self, text, what):
        """等画面的某一行里有这些字。"""
        return self.wait(lambda lines: any(text in line for line in lines), what)

    def program(self):
        """窗格里 shell 启动的那个程序的进程号。"""
        shell = int(self.tmux.run("display-message", "-p", "-t", self.name, "#{pane_pid}"))
        return until(lambda: children(shell), "shell 应当已经启动程序")[0]


class TerminalTest(InteropTest):
    """在 tmux 里运行 udp-duplex。"""

    @classmethod
    def setUpClass(cls):
        need("tmux", "stty")
        cls.tmux = Tmux()
        cls.addClassCleanup(cls.tmux.end)
        atexit.register(cls.tmux.end)  # 测试被打断时
        try:
            cls.tmux.start()
        except subprocess.SubprocessError as error:
            missing(f"tmux 不能在这里运行:{error}")
        cls.count = 0

    def pane(self, command, width=80, height=24):
        """开一个窗格运行 shell 命令;测试结束时关掉。"""
        type(self).count += 1
        name = f"t{self.count}"
        # 终端的 Ctrl-C 也会发给 shell:它要留下来报告程序的退出码。
        command = f"trap : INT; {command}{AFTERWARDS}"
        pane = Pane(self.tmux, name, f"exec sh -c {shlex.quote(command)}", width, height)
        # 关掉窗格会给里面的程序 SIGHUP。
        self.addCleanup(lambda: self.tmux.run("kill-session", "-t", name))
        return pane

    def duplex(self, peer, *options, width=80, height=24, suffix=""):
        """在一个窗格里运行 udp-duplex,等它出现提示符。"""
        words = [binary("udp-duplex"), peer, *options]
        pane = self.pane(shlex.join(words) + suffix, width, height)
        pane.wait(lambda lines: lines[-1] == ">", "udp-duplex 应当打印提示符「>」")
        return pane

    def with_peer(self, **options):
        """udp-duplex 和一个 Python 的对方:(窗格, 对方的套接字, 程序的地址)。"""
        sock = self.udp()
        pane = self.duplex(host_port(sock), **options)
        found = re.search(r"从 \S+:(\d+) 发往", "\n".join(pane.screen()))
        self.assertIsNotNone(found, "程序应当说出自己的端口")
        return pane, sock, ("127.0.0.1", int(found[1]))

    def said(self, sock, text):
        """对方的话显示出来的样子。"""
        return f"{host_port(sock)} 发送了:{text}"

    def assertIntact(self, pane, sock, messages, half_typed, what):
        """这些话各占一行、次序不变,正在打的一行完整地在它们下面,画面的最后。"""
        texts = [self.said(sock, text) for text in messages] + [f"> {half_typed}"]
        expected = [row.rstrip() for text in texts for row in rows(text, pane.width)]
        pane.wait(
            lambda lines: lines[-len(expected):] == expected,
            f"{what}:最后几行应当是 {expected}",
        )

    def assertArrives(self, sock, text, what):
        payload, _ = self.receive(sock, what)
        self.assertEqual(payload.decode(), text, f"{what}:应当完整地收到「{text}」")


class HalfTyped(TerminalTest):
    """打了半行,别人的话来了。"""

    def interrupt(self, before, after, messages, keys=(), **options):
        pane, sock, address = self.with_peer(**options)
        pane.type(before)
        self.assertIntact(pane, sock, [], before, "打了半行")
        if keys:
            pane.press(*keys)
        for message in messages:
            sock.sendto(message.encode(), address)
        self.assertIntact(pane, sock, messages, before, "对方的话来了")
        return pane, sock

    def test_wide_characters_in_both(self):
        pane, sock = self.interrupt("你好,我正在打", "字", ["你好,在吗?"])
        pane.type("字").press("Enter")
        self.assertArrives(sock, "你好,我正在打字", "打完这一行")
        pane.wait_text("> 你好,我正在打字", "打完的一行应当还在画面上")

    def test_line_longer_than_the_pane(self):
        for half in ("x" * 39 + "y" * 39 + "z" * 20, "你好" * 30 + "abc", "a" + "你" * 60):
            pane, sock = self.interrupt(half, "。", ["插进来的一句"], width=40)
            pane.type("。").press("Enter")
            self.assertArrives(sock, half + "。", "打完一行很长的字")

    def test_line_that_exactly_fills_the_pane(self):
        # 「> 」占两列,再打 38 列,光标正好在下一行的开头。
        pane, sock = self.interrupt("x" * 38, "", ["插进来的一句"], width=40)
        pane.type("尾").press("Enter")
        self.assertArrives(sock, "x" * 38 + "尾", "打完正好一行")

    def test_message_longer_than_the_pane(self):
        pane, sock = self.interrupt("你好", "", ["很长的话" * 20], width=40)
        pane.press("Enter")
        self.assertArrives(sock, "你好", "打完这一行")

    def test_messages_keep_their_order(self):
        pane, sock = self.interrupt("打了半行 abc", "", [f"第 {n} 句" for n in range(15)])
        pane.press("Enter")
        self.assertArrives(sock, "打了半行 abc", "打完这一行")

    def test_cursor_in_the_middle(self):
        pane, sock = self.interrupt("你好世界", "", ["插进来的一句"], keys=("Left", "Left"))
        pane.type("的").press("Enter")
        self.assertArrives(sock, "你好的世界", "在中间补一个字")

    def test_escape_sequences_do_not_touch_the_screen(self):
        pane, sock, address = self.with_peer()
        pane.type("半行")
        self.assertIntact(pane, sock, [], "半行", "打了半行")
        sock.sendto(b"\x1b[2J\x1b[H\x07\r\nX", address)
        shown = [r"\u{1b}[2J\u{1b}[H\u{7}\r\nX"]
        self.assertIntact(pane, sock, shown, "半行", "对方发来控制字符")

    def test_resized_pane(self):
        pane, sock, address = self.with_peer(width=80)
        half = "一二三四五六七八九十" * 3
        pane.type(half)
        self.assertIntact(pane, sock, [], half, "打了半行")
        pane.width = 50
        self.tmux.run("resize-window", "-t", pane.name, "-x", "50", "-y", "24")
        self.assertIntact(pane, sock, [], half, "改了窗格的宽度")
        sock.sendto("改了宽度以后".encode(), address)
        # 改宽度时程序还会重画一次,上面可能留下旧的半行;话和最后的半行必须完整。
        last = rows(f"> {half}", pane.width)
        pane.wait(
            lambda lines: self.said(sock, "改了宽度以后") in lines and lines[-len(last):] == last,
            "改了窗格的宽度:对方的话应当自成一行,半行应当完整地在最后",
        )
        pane.press("Enter")
        self.assertArrives(sock, half, "改了窗格的宽度以后打完这一行")


class Busy(TerminalTest):
    """一边打字一边来话。"""

    def test_talking_over_each_other(self):
        pane, sock, address = self.with_peer(height=50)
        heard, pasted = 1000, 20
        self.tmux.run("set-buffer", "-b", "many", "粘贴\n" * pasted)
        talker = threading.Thread(target=self.talk, args=(sock, address, heard))
        talker.start()
        # 粘贴的几行挨着:两行之间,行编辑器还没有取走的话不能被后来的抢先。
        while talker.is_alive():
            self.tmux.run("paste-buffer", "-b", "many", "-t", pane.name)
            pane.type("打的").press("Enter")
            for line in ["粘贴"] * pasted + ["打的"]:
                self.assertArrives(sock, line, "打的每一行应当完整")
        pane.type("打了半行")
        last = [self.said(sock, f"他说 {heard - 1}。"), "> 打了半行"]
        pane.wait(
            lambda lines: last[0] in lines and lines[-1] == last[1],
            f"双方同时说完,应当显示最后一句,半行在最后:{last}",
        )
        # tmux 只留着最后两千行。
        shown = [line for line in pane.screen() if "发送了:他说" in line]
        expected = [self.said(sock, f"他说 {number}。") for number in range(heard)][-len(shown):]
        self.assertEqual(shown, expected, "对方的每一句应当各占一行、一次、次序不变")

    def paste(self, *options):
        """粘贴三行,最后一行没有换行:前两行发出去,第三行是打了半行。"""
        pane, sock, _ = self.with_peer()
        self.tmux.run("set-buffer", "-b", "lines", "粘一\n粘二\n粘三")
        self.tmux.run("paste-buffer", *options, "-b", "lines", "-t", pane.name)
        for text in ("粘一", "粘二"):
            self.assertArrives(sock, text, "粘贴的每一行应当各是一个数据报")
        pane.wait(lambda lines: lines[-1] == "> 粘三", "粘贴的最后一行没有换行,应当是打了半行")
        pane.press("Enter")
        self.assertArrives(sock, "粘三", "按了回车")
        self.assertNothingMore(sock, "粘贴三行")

    def test_paste_of_several_lines(self):
        self.paste()

    def test_bracketed_paste_of_several_lines(self):
        # 多数终端用括号标出粘贴的一段(?2004h):也应当一行一个数据报。
        self.paste("-p")

    def test_typing_ahead(self):
        pane, sock, _ = self.with_peer()
        self.tmux.run(
            *["send-keys", "-t", pane.name, "-l", "一", ";", "send-keys", "-t", pane.name, "Enter", ";"],
            *["send-keys", "-t", pane.name, "-l", "二", ";", "send-keys", "-t", pane.name, "Enter", ";"],
            *["send-keys", "-t", pane.name, "-l", "三", ";", "send-keys", "-t", pane.name, "Enter"],
        )
        for text in ("一", "二", "三"):
            self.assertArrives(sock, text, "打得快,每一行也都应当发送")

    def talk(self, sock, address, count):
        """一句接一句地说;接收缓冲区放得下。"""
        for number in range(count):
            sock.sendto(f"他说 {number}。".encode(), address)
            if number % 10 == 0:
                threading.Event().wait(0.01)  # 分散开,好与打字交错


class TwoTerminals(TerminalTest):
    """两个真的终端对话。"""

    def test_both_talk(self):
        ports = [self.udp(), self.udp()]
        one, two = map(host_port, ports)
        for sock in ports:
            sock.close()
        left = self.duplex(two, "--bind", one)
        right = self.duplex(one, "--bind", two)
        left.type("左边打了半行,还没")
        left.wait(lambda lines: lines[-1] == "> 左边打了半行,还没", "左边应当显示打的半行")
        right.type("右边说:你好").press("Enter")
        expected = [f"{two} 发送了:右边说:你好", "> 左边打了半行,还没"]
        left.wait(lambda lines: lines[-2:] == expected, f"左边最后两行应当是 {expected}")
        right.type("右边的半行 half")
        right.wait(lambda lines: lines[-1] == "> 右边的半行 half", "右边应当显示打的半行")
        left.type("打完").press("Enter")
        expected = [f"{one} 发送了:左边打了半行,还没打完", "> 右边的半行 half"]
        right.wait(lambda lines: lines[-2:] == expected, f"右边最后两行应当是 {expected}")
        # 打完的一行还在自己的画面上,不多不少一次。
        lines = left.screen()
        self.assertEqual(lines.count("> 左边打了半行,还没打完"), 1, "\n".join(lines))

    def test_nobody_is_listening(self):
        sock = self.udp()
        address = host_port(sock)
        sock.close()
        pane = self.duplex(address)
        pane.type("有人吗").press("Enter")
        lines = pane.wait_text("没有程序", "对方没有程序在收,应当说出来")
        pane.wait(lambda lines: lines[-1] == ">", "说完以后应当回到提示符")
        self.assertNotIn("错误", "\n".join(lines), "这只是一句说明,程序没有出错")


class Ending(TerminalTest):
    """怎样结束都正常,终端也恢复原样。"""

    def assertSane(self, pane, what, code=0):
        lines = pane.wait_text("终端完毕", f"{what},程序应当结束")
        text = "\n".join(lines)
        # 行规程会把 ^C 显示在前面。
        self.assertRegex(text, rf"(?m)退出码 {code}$", f"{what}:退出码应当是 {code}")
        settings = text[text.rindex("退出码"):]
        for setting in ("icanon", "echo", "isig", "icrnl", "opost"):
            self.assertRegex(settings, rf"(?<![-\w]){setting}\b", f"{what}:终端的 {setting} 应当打开着:\n{text}")
        self.assertNotIn("panicked", text, f"{what}:不应当恐慌")
        self.assertNotIn("错误", text, f"{what}:不应当报告错误")

    def ends(self, what, *keys, text=""):
        pane, sock, _ = self.with_peer()
        if text:
            pane.type(text)
            pane.wait(lambda lines: lines[-1] == f"> {text}".rstrip(), f"应当显示打的「{text}」")
        pane.press(*keys)
        self.assertSane(pane, what)
        self.assertNothingMore(sock, what)

    def test_ctrl_d(self):
        self.ends("按 Ctrl-D", "C-d")

    def test_ctrl_c(self):
        self.ends("按 Ctrl-C", "C-c")

    def test_ctrl_c_on_a_half_typed_line(self):
        self.ends("打了半行按 Ctrl-C", "C-c", text="你好,半行")

    def test_exit(self):
        self.ends("打 exit", "Enter", text="exit")

    def test_exit_with_blanks(self):
        self.ends("打「 exit 」", "Enter", text="  exit ")

    def test_interrupt_signal_from_outside(self):
        # 例如 timeout -s INT,或者另一个终端里的 kill -INT。
        pane, _, _ = self.with_peer()
        pane.type("半行")
        pane.wait(lambda lines: lines[-1] == "> 半行", "应当显示打的半行")
        os.kill(pane.program(), signal.SIGINT)
        self.assertSane(pane, "收到 SIGINT")

    def test_ctrl_c_at_the_address_question(self):
        pane = self.pane(shlex.quote(binary("udp-duplex")))
        pane.wait(lambda lines: lines[-1] == "请输入对方地址:", "应当问对方的地址")
        pane.press("C-c")
        self.assertSane(pane, "问地址时按 Ctrl-C", 0)

    def test_address_typed_in_the_terminal(self):
        sock = self.udp()
        pane = self.pane(shlex.quote(binary("udp-duplex")))
        pane.wait(lambda lines: lines[-1] == "请输入对方地址:", "应当问对方的地址")
        pane.type(host_port(sock)).press("Enter")
        pane.wait(lambda lines: lines[-1] == ">", "有了地址应当打印提示符")
        pane.type("你好").press("Enter")
        self.assertArrives(sock, "你好", "问来的地址")
        pane.press("C-d")
        self.assertSane(pane, "问来地址以后按 Ctrl-D")

    def test_suspend_and_resume(self):
        pane, sock, address = self.with_peer()
        pane.type("停之前")
        pane.wait(lambda lines: lines[-1] == "> 停之前", "应当显示打的半行")
        program = pane.program()
        os.kill(program, signal.SIGSTOP)
        sock.sendto("停着的时候来的".encode(), address)
        os.kill(program, signal.SIGCONT)
        self.assertIntact(pane, sock, ["停着的时候来的"], "停之前", "停下又继续")
        pane.type(",停之后").press("Enter")
        self.assertArrives(sock, "停之前,停之后", "停下又继续以后打完这一行")
        pane.press("C-d")
        self.assertSane(pane, "停下又继续以后按 Ctrl-D")

    def test_output_is_a_pipe(self):
        sock = self.udp()
        pane = self.pane(f"{shlex.quote(binary('udp-duplex'))} {host_port(sock)} | cat")
        pane.wait_text("发往", "程序应当启动")
        pane.type("你好").press("Enter")
        payload, peer = self.receive(sock, "输出是管道时也应当能发")
        self.assertEqual(payload.decode(), "你好", "输出是管道时应当照样发送")
        sock.sendto("回话".encode(), peer)
        pane.wait_text(self.said(sock, "回话"), "输出是管道时也应当显示对方的话")
        pane.press("C-d")
        self.assertSane(pane, "输出是管道时按 Ctrl-D")

    def test_dumb_terminal(self):
        sock = self.udp()
        pane = self.pane(f"TERM=dumb {shlex.quote(binary('udp-duplex'))} {host_port(sock)}")
        pane.wait_text("发往", "程序应当启动")
        pane.type("你好").press("Enter")
        payload, peer = self.receive(sock, "简单的终端里也应当能发")
        self.assertEqual(payload.decode(), "你好", "简单的终端里应当照样发送")
        sock.sendto("回话".encode(), peer)
        pane.wait_text(self.said(sock, "回话"), "简单的终端里也应当显示对方的话")
        pane.press("C-d")
        self.assertSane(pane, "简单的终端里按 Ctrl-D")


if __name__ == "__main__":
    unittest.main()
