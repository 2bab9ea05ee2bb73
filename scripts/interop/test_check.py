"""`cargo course check`:Python 写的程序,对的通过,错的说出错在哪里。"""

import os
import re
import shlex
import signal
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support import (
    ENVIRONMENT,
    HERE,
    SERVERS,
    STRICT,
    WORKSPACE,
    InteropTest,
    Program,
    binary,
    children,
    python,
    udp_port_of,
    until,
)

STUDENTS = HERE / "students"

# 一次完整的检查最多等这么多秒:九条,每条最多等三秒,再加启动。
CHECK_PATIENCE = 120

# 错误的服务器:(文件, 只做哪一条, {应当没有通过的检查: 报告里应当有的话}, 应当通过的检查)。
WRONG = {
    "answers_once": (
        None,
        {
            "echo-again": "回答了第一个数据报,以后的就不回答了",
            "echo-clients": "三位客户同时来问,有一位没有得到回答",
            "echo-burst": "个回答不对",
        },
        {"echo", "echo-2000", "echo-largest"},
    ),
    "cuts_at_1024": (
        None,
        {
            "echo-2000": "只回了前 1024 字节,其余 976 字节丢了:接收缓冲区只有 1024 字节?",
            "echo-largest": "只回了前 1024 字节,其余 64483 字节丢了",
        },
        {"echo", "echo-again", "echo-clients", "echo-empty", "echo-bytes", "echo-burst", "echo-gone"},
    ),
    "fixed_port": (
        None,
        {"echo": "没有回答", "echo-clients": "回给了写死的地址"},
        set(),
    ),
    "drops_empty": (
        None,
        {"echo-empty": "没有回答空数据报"},
        {"echo", "echo-again", "echo-clients", "echo-bytes", "echo-2000", "echo-largest", "echo-gone"},
    ),
    "adds_newline": (
        None,
        {"echo": "回答末尾多了一个换行", "echo-empty": "回答末尾多了一个换行"},
        set(),
    ),
    "dies_on_non_utf8": (
        None,
        {"echo-bytes": "已经结束(退出码 1)"},
        {"echo", "echo-again", "echo-clients", "echo-empty", "echo-2000", "echo-largest", "echo-burst", "echo-gone"},
    ),
    "another_socket": (None, {"echo": "不是客户问的", "echo-clients": "发回要用收到它的那个套接字"}, set()),
    "upper_cases": (None, {"echo": "回答的内容不一样"}, set()),
    "says_format": (None, {"echo": "回答的内容不一样"}, set()),
    "replaces_non_utf8": (None, {"echo-bytes": "回答的内容不一样"}, {"echo", "echo-empty", "echo-largest"}),
    "answers_twice": (None, {"echo-again": "收到的是上一个问题的回答"}, {"echo-2000", "echo-clients"}),
    "strips": (None, {"echo-again": "少了两头的空白"}, {"echo-empty", "echo-bytes", "echo-clients"}),
    "reopens": ("echo-clients", {"echo-clients": "有一位没有得到回答"}, set()),
    "merges": ("echo-burst", {"echo-burst": "20 个里的第 1 个回答不对"}, set()),
    "swaps_clients": ("echo-clients", {"echo-clients": "一位客户得到了别人的回答"}, set()),
    "first_client_only": ("echo-clients", {"echo-clients": "或者第一位客户?"}, set()),
    "exits_after_one": ("echo-again", {"echo-again": "回答了第一个数据报,以后的就不回答了"}, set()),
    "ends_on_empty": ("echo-empty", {"echo-empty": "没有回答空数据报"}, set()),
    "silent": ("echo", {"echo": "没有回答"}, set()),
}

# 检查的时间多半在等,几个一起做。
POOL = ThreadPoolExecutor(max_workers=5)


def tearDownModule():
    POOL.shutdown(cancel_futures=True)


def running(pid, name):
    """进程 `pid` 还在,而且命令行里有 `name`(不是后来用了同一个号的别的程序)。"""
    try:
        return name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def end_if_running(pid, name):
    """结束我们自己启动的、没有跟着结束的程序。"""
    if running(pid, name):
        os.kill(pid, signal.SIGKILL)


class Report:
    """一次检查的退出码和报告。"""

    def __init__(self, code, text, errors):
        self.code, self.text, self.errors = code, text, errors
        pieces = re.split(r"^(?=[✓✗–] )", text, flags=re.M)
        self.passed, self.failed, self.skipped = set(), {}, set()
        for piece in pieces[1:]:
            case = re.match(r"[✓✗–] .*?\(([a-z0-9-]+)\)", piece)[1]
            if piece[0] == "✓":
                self.passed.add(case)
            elif piece[0] == "✗":
                self.failed[case] = piece
            else:
                self.skipped.add(case)

    def __str__(self):
        return f"退出码 {self.code}\n{self.text}{self.errors}"


def check(*arguments, environment=ENVIRONMENT):
    """运行 course check,等它结束。"""
    program = Program([binary("course"), "check", *arguments], cwd=WORKSPACE, env=environment)
    try:
        program.end_input()
        code = program.wait("course check 应当结束", CHECK_PATIENCE)
        return Report(code, program.output.text(), program.errors.text())
    finally:
        program.end()


def check_file(stage, path, *options, only=None, role=None, environment=ENVIRONMENT):
    """检查一个 Python 程序。"""
    narrowed = (["--only", only] if only else []) + (["--role", role] if role else [])
    return check(stage, *narrowed, "--", *python(path), "{addr}", *options, environment=environment)


def repeat_command(piece):
    """失败报告里「只做这一条」的命令,分成一个个参数。"""
    command = re.search(r"^  只做这一条  (cargo course check .*)$", piece, re.M)
    return shlex.split(command[1]) if command else None


class CheckTest(InteropTest):
    """看得懂报告的断言。"""

    def assertPasses(self, report, what):
        self.assertEqual(report.code, 0, f"{what}应当全部通过:\n{report}")
        self.assertEqual(report.failed, {}, f"{what}不应当有没有通过的检查:\n{report}")
        self.assertTrue(report.passed, f"{what}至少应当做了一条:\n{report}")

    def assertComplete(self, case, piece):
        """一条失败的报告:原因、建议、去哪里读、重做的命令,一样不少。"""
        for part in ("\n  不对  ", "\n  为什么  ", "\n  试试  ", "\n  读  docs/notes/"):
            self.assertIn(part, piece, f"{case} 的报告里应当有「{part.strip()}」")
        if re.search(r"^  发送  [1-9]", piece, re.M):
            self.assertRegex(piece, r"(?m)^        ([0-9a-f]{2} )+", f"{case} 的报告里应当有十六进制")
        note = re.search(r"^  读  (docs/notes/\S+)$", piece, re.M)[1]
        if STRICT:
            self.assertTrue((WORKSPACE / note).exists(), f"{case} 让人去读的 {note} 应当存在")
        self.assertCaret(case, piece)

    def assertCaret(self, case, piece):
        """尖号应当正好在第一个不同的字节下面,应收、实收各一个。"""
        blocks = re.split(r"^  (发送|应收|实收)  (\d+) 字节\n", piece, flags=re.M)
        found = {blocks[i]: (int(blocks[i + 1]), blocks[i + 2]) for i in range(1, len(blocks), 3)}
        carets = {}
        for label in ("应收", "实收"):
            if label in found:
                marks = re.findall(r"^( {8,})\^\^ 从第 (\d+) 个字节起不同$", found[label][1], re.M)
                for spaces, number in marks:
                    column = 8 + (int(number) - 1) % 16 * 3
                    self.assertEqual(len(spaces), column, f"{case}:{label}的尖号应当在第 {number} 个字节下面")
                carets[label] = [int(number) for _, number in marks]
        if "应收" in found and "实收" in found:
            self.assertEqual(len(carets["应收"]), 1, f"{case}:「应收」下面应当有一个尖号:\n{piece}")
            self.assertTrue(carets["实收"] in ([], carets["应收"]), f"{case}:两个尖号应当指着同一处:\n{piece}")

    def assertRepeats(self, case, piece):
        """照「只做这一条」的命令再做一遍:只有这一条,仍然没有通过。"""
        words = repeat_command(piece)
        self.assertIsNotNone(words, f"{case} 的报告里应当有「只做这一条」的命令:\n{piece}")
        self.assertEqual(words[:3], ["cargo", "course", "check"], "命令应当是 cargo course check …")
        again = check(*words[3:])
        self.assertEqual(again.code, 1, f"重做 {case} 应当还是不通过:\n{again}")
        self.assertEqual(list(again.failed), [case], f"重做的应当只有 {case}:\n{again}")
        self.assertEqual(again.passed | again.skipped, set(), f"重做的应当只有 {case}:\n{again}")
        self.assertIn("共 1 条", again.text, f"重做的应当只有一条:\n{again}")


class EchoServer(CheckTest):
    """check udp-echo -- python3 FILE {addr}"""

    @classmethod
    def setUpClass(cls):
        cls.reports = {
            name: POOL.submit(check_file, "udp-echo", SERVERS / f"{name}.py", only=only)
            for name, (only, _, _) in WRONG.items()
        }

    def names_the_defect(self, name):
        _, expected, passing = WRONG[name]
        report = self.reports[name].result()
        self.assertEqual(report.code, 1, f"{name} 不应当通过:\n{report}")
        for case, diagnosis in expected.items():
            self.assertIn(case, report.failed, f"{name} 不应当通过 {case}:\n{report}")
            self.assertIn(diagnosis, report.failed[case], f"{name} 的 {case} 应当说「{diagnosis}」")
        self.assertLessEqual(passing, report.passed, f"{name} 应当通过它没有做错的检查:\n{report}")
        for case, piece in report.failed.items():
            self.assertComplete(case, piece)
        first = next(iter(expected))
        self.assertRepeats(first, report.failed[first])

    def test_right_server_passes_all(self):
        lines = (SERVERS / "right.py").read_text().strip().splitlines()
        self.assertLessEqual(len(lines), 10, "正确的服务器应当不超过十行")
        report = check("udp-echo", "--", "python3", str(SERVERS / "right.py"), "{addr}")
        self.assertPasses(report, "十行的回声服务器")
        self.assertEqual(report.skipped, set(), f"一条也不应当跳过:\n{report}")
        self.assertIn("没有通过 0 条,跳过 0 条", report.text, "最后一行应当是合计")

    def test_right_server_in_threads_passes_all(self):
        self.assertPasses(check_file("udp-echo", SERVERS / "right_threads.py"), "用线程的回声服务器")

    def test_caret_is_where_the_bytes_differ(self):
        piece = self.reports["adds_newline"].result().failed["echo"]
        self.assertIn("        68 65 6c 6c 6f 0a", piece, "应当有实收的十六进制")
        self.assertRegex(piece, r"(?m)^ {23}\^\^ 从第 6 个字节起不同$", "尖号应当指着多出来的换行")
        piece = self.reports["cuts_at_1024"].result().failed["echo-2000"]
        self.assertIn("从第 1025 个字节起不同", piece, "尖号应当指着第一个丢失的字节")

    def test_traceback_is_shown(self):
        piece = self.reports["dies_on_non_utf8"].result().failed["echo-bytes"]
        self.assertIn("UnicodeDecodeError", piece, "应当有程序打印的异常")
        self.assertIn("实收  什么也没有收到", piece, "应当说什么也没有收到")

    def test_own_answer_is_not_called_somebody_elses(self):
        for name in ("adds_newline", "upper_cases", "says_format"):
            piece = self.reports[name].result().failed["echo-clients"]
            self.assertNotIn("别人的回答", piece, f"{name} 回给了对的人,只是内容不对,不应当说是别人的回答")

    def test_repeated_answer_is_not_called_a_small_buffer(self):
        failed = self.reports["answers_twice"].result().failed
        self.assertIn("echo-empty", failed, "每个都回答两遍,不应当通过 echo-empty")
        for case, piece in failed.items():
            self.assertNotIn("接收缓冲区只有", piece, f"{case}:收到的是上一个回答的重复,不应当怪缓冲区")

    def test_dropped_empty_is_the_only_defect(self):
        failed = set(self.reports["drops_empty"].result().failed)
        self.assertEqual(failed, {"echo-empty"}, "只有空数据报一个毛病,应当只有一条不通过")

    def test_server_that_never_binds(self):
        report = check_file("udp-echo", SERVERS / "never_binds.py")
        self.assertEqual(report.code, 1, f"启动不了的程序不应当通过:\n{report}")
        self.assertIn("没有绑定任何地址", str(report), "应当有程序自己的输出")
        self.assertIn("就结束了", str(report), "应当说程序已经结束")
        self.assertEqual(report.failed, {}, "做不成的检查不应当算作没有通过")

    def test_command_that_does_not_exist(self):
        report = check("udp-echo", "--", "/no/such/program", "{addr}")
        self.assertEqual(report.code, 1, f"没有这个程序,应当以 1 结束:\n{report}")
        self.assertIn("启动不了程序 /no/such/program", report.errors, "应当说启动不了")

    def test_command_without_addr(self):
        report = check("udp-echo", "--", *python(SERVERS / "right.py"))
        self.assertNotEqual(report.code, 0, "命令里没有 {addr},不应当通过")
        self.assertIn("{addr}", report.errors, "应当说命令里要有 {addr}")

    def test_names_of_the_stage(self):
        for name in ("13", "13-udp-echo"):
            report = check_file(name, SERVERS / "right.py", only="echo")
            self.assertPasses(report, f"用 {name} 这个名字检查")
        report = check_file("udp-ehco", SERVERS / "right.py", only="echo")
        self.assertEqual(report.code, 2, f"没有这个阶段,是用法错误:\n{report}")
        self.assertIn("udp-echo", report.errors, "打错的名字应当提示最接近的")

    def test_report_to_head(self):
        reader, writer = os.pipe()
        argv = [binary("course"), "check", "udp-echo", "--only", "echo", "--"]
        program = self.start([*argv, *python(SERVERS / "upper_cases.py"), "{addr}"], cwd=WORKSPACE, stdout=writer)
        os.close(writer)
        os.close(reader)
        self.assertEqual(program.wait("报告没有人看了,应当结束"), 0, program.errors.text())
        self.assertEqual(program.errors.text(), "", "报告没有人看了,应当安静地结束")

    def test_ctrl_c_leaves_nothing_behind(self):
        # 同一个终端里按 Ctrl-C,前台进程组收到 SIGINT;被检查的程序自成一组,收不到。
        argv = [binary("course"), "check", "udp-echo", "--only", "echo", "--"]
        program = self.start([*argv, *python(SERVERS / "silent.py"), "{addr}"], cwd=WORKSPACE)
        (child,) = until(lambda: children(program.process.pid), "course check 应当启动被检查的程序")
        self.addCleanup(end_if_running, child, "silent.py")
        program.signal(signal.SIGINT)
        program.wait("按了 Ctrl-C,course check 应当结束")
        until(lambda: not running(child, "silent.py"), "按了 Ctrl-C,被检查的程序也应当结束", 3)

    def test_repeat_command_survives_the_shell(self):
        # 路径里有空格、引号、美元号:照着报告里的命令粘贴到 shell 里,应当还是同一个程序。
        with tempfile.TemporaryDirectory() as folder:
            wrong = (SERVERS / "adds_newline.py").read_text()
            for name in ("my server.py", "it's $HOME.py", "a;b&c*.py"):
                path = Path(folder) / name
                path.write_text(wrong)
                report = check_file("udp-echo", path, only="echo")
                command = re.search(r"只做这一条  cargo course (.*)$", report.failed["echo"], re.M)[1]
                shell = self.start(["sh", "-c", f"'{binary('course')}' {command}"], cwd=WORKSPACE)
                shell.end_input()
                code = shell.wait("照报告重做的检查应当结束")
                text = shell.output.text() + shell.errors.text()
                with self.subTest(name):
                    self.assertEqual(code, 1, f"重做应当还是不通过:{command}\n{text}")
                    self.assertIn("回答末尾多了一个换行", text, f"重做应当检查的是同一个程序:{command}")


for _name in WRONG:
    setattr(EchoServer, f"test_names_{_name}", lambda self, name=_name: self.names_the_defect(name))


class RunningServer(CheckTest):
    """check udp-echo --addr ADDR"""

    def running(self, name, address="127.0.0.1:0"):
        server = self.start(python(SERVERS / f"{name}.py", address))
        return f"127.0.0.1:{udp_port_of(server)}"

    def test_right_server_passes(self):
        report = check("udp-echo", "--addr", self.running("right"))
        self.assertPasses(report, "正在运行的回声服务器")
        self.assertEqual(report.skipped, set(), f"回声的检查不看终端,一条也不应当跳过:\n{report}")

    def test_localhost(self):
        port = self.running("right").rsplit(":", 1)[1]
        self.assertPasses(check("udp-echo", "--addr", f"localhost:{port}"), "用 localhost 找到的服务器")

    def test_ipv6(self):
        _, (_, port) = self.server("udp-echo", "server", "[::1]:0")
        report = check("udp-echo", "--addr", f"[::1]:{port}", "--only", "echo")
        self.assertPasses(report, "在 [::1] 上运行的服务器")

    def test_wrong_server_is_named(self):
        address = self.running("cuts_at_1024")
        report = check("udp-echo", "--addr", address)
        self.assertEqual(set(report.failed), {"echo-2000", "echo-largest"}, f"应当认出截断:\n{report}")
        self.assertIn("只回了前 1024 字节", report.failed["echo-2000"], "应当说只回了前 1024 字节")
        self.assertComplete("echo-2000", report.failed["echo-2000"])
        self.assertIn(f"--addr {address}", report.failed["echo-2000"], "重做的命令应当用同一个地址")
        self.assertRepeats("echo-2000", report.failed["echo-2000"])

    def test_receiver_needs_its_terminal(self):
        receiver = self.start(python(STUDENTS / "receiver.py", "127.0.0.1:0"))
        report = check("udp-recv", "--addr", f"127.0.0.1:{udp_port_of(receiver)}")
        self.assertEqual(report.code, 1, f"一条也做不成,不应当算通过:\n{report}")
        self.assertEqual((report.passed, report.failed), (set(), {}), f"看不到终端,应当都跳过:\n{report}")
        self.assertIn("一条也没有做成", report.errors, "应当说一条也没有做成")


class OtherStages(CheckTest):
    """udp-send、udp-recv、udp-echo 的客户端、udp-duplex。"""

    @classmethod
    def setUpClass(cls):
        plain = {name: value for name, value in ENVIRONMENT.items() if not name.startswith("PYTHON")}
        wanted = {
            "client": ("udp-echo", "client", "client", ["{options}"], ENVIRONMENT),
            "client without options": ("udp-echo", "client", "client", [], ENVIRONMENT),
            "sender": ("udp-send", "sender", None, ["{options}"], ENVIRONMENT),
            "receiver": ("udp-recv", "receiver", None, ["{options}"], ENVIRONMENT),
            "plain_receiver": ("udp-recv", "plain_receiver", None, ["{options}"], plain),
            "duplex": ("udp-duplex", "duplex", None, ["{options}"], ENVIRONMENT),
            "wrong_client": ("udp-echo", "wrong_client", "client", [], ENVIRONMENT),
            "wrong_sender": ("udp-send", "wrong_sender", None, [], ENVIRONMENT),
            "wrong_receiver": ("udp-recv", "wrong_receiver", None, [], ENVIRONMENT),
            "half_duplex": ("udp-duplex", "half_duplex", None, ["{options}"], ENVIRONMENT),
        }
        cls.reports = {
            key: POOL.submit(
                check_file, stage, STUDENTS / f"{name}.py", *options, role=role, environment=environment
            )
            for key, (stage, name, role, options, environment) in wanted.items()
        }

    def passes(self, key, what, skipped=()):
        report = self.reports[key].result()
        self.assertPasses(report, what)
        self.assertEqual(report.skipped, set(skipped), f"{what}应当跳过的只有这些:\n{report}")

    def names(self, key, expected, passing=()):
        report = self.reports[key].result()
        self.assertEqual(report.code, 1, f"{key} 不应当通过:\n{report}")
        for case, diagnosis in expected.items():
            self.assertIn(case, report.failed, f"{key} 不应当通过 {case}:\n{report}")
            self.assertIn(diagnosis, report.failed[case], f"{key} 的 {case} 应当说「{diagnosis}」")
        self.assertLessEqual(set(passing), report.passed, f"{key} 应当通过它没有做错的检查:\n{report}")
        for case, piece in report.failed.items():
            self.assertComplete(case, piece)
        first = next(iter(expected))
        self.assertRepeats(first, report.failed[first])

    def test_right_client(self):
        self.passes("client", "Python 的 udp-echo 客户端")

    def test_right_client_without_options(self):
        self.passes("client without options", "不认得选项的客户端", {"gbk", "bind"})

    def test_right_sender(self):
        self.passes("sender", "Python 的 udp-send")

    def test_right_receiver(self):
        self.passes("receiver", "Python 的 udp-recv")

    def test_plain_print_without_flush(self):
        # 标准输出是管道时 Python 会攒着不写;在终端里对的程序,在检查里也应当对。
        self.passes("plain_receiver", "只写 print()、没有 flush 的 udp-recv")

    def test_right_duplex(self):
        self.passes("duplex", "Python 的 udp-duplex")

    def test_wrong_sender(self):
        self.names("wrong_sender", {"line": "行尾的换行也发出来了", "eof": "行尾的换行也发出来了"})

    def test_wrong_receiver(self):
        expected = {
            "one-line": "换行原样打印,一个数据报成了两行",
            "shows": "和它的来源 127.0.0.1:",
            "not-text": "程序已经结束",
        }
        self.names("wrong_receiver", expected, {"boundaries"})

    def test_wrong_client(self):
        expected = {
            "stranger": "把陌生人的数据报当成了回答",
            "answer-largest": "没有显示「zzzz",
            "refused": "对方没有程序在收,程序却没有说",
            "silence": "没有回答时,应当等一会儿就接着发下一行",
        }
        self.names("wrong_client", expected, {"line", "utf-8", "exit", "answer"})

    def test_half_duplex(self):
        expected = {
            "unasked": "对方主动说的话没有显示出来",
            "both-ways": "连说 50 句,少了、乱了,或者停下来等回答",
        }
        self.names("half_duplex", expected, {"line", "answer", "stranger"})


if __name__ == "__main__":
    unittest.main()
