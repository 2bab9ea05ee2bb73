"""`cargo course check tcp-…`:Python 写的 TCP 程序,对的通过,错的说出错在哪里。"""

import unittest
from concurrent.futures import ThreadPoolExecutor

from support import SERVERS
from test_check import CheckTest, check_file

# 打印要另外写,这些程序没有写;和它们要说明的毛病无关。
SILENT = {"shows", "one-line"}

# 第二位的线程能不能抢在进程结束之前回答,每次不一样。
RACES = {"next", "vanish", "reset", "rude", "eof", "silent", "not-reading"}

# 错误的服务器:{应当没有通过的检查: 报告里应当有的话};别的检查,除了打印,都应当通过。
WRONG = {
    "one_at_a_time": {
        "silent": "前面有一位客户不说话:没有回答",
        "reverse": "没有回答",
        "not-reading": "有一位客户只说不听:没有回答",
        "closing": "KeyboardInterrupt",
    },
    "ignores_end": {
        "half-close": "回答完了,服务器没有挂断",
        "eof": "客户说完了,服务器没有挂断",
        "closing": "KeyboardInterrupt",
    },
    "answers_text": {
        "upper": "回答的内容不一样",
        "bytes": "UnicodeDecodeError",
        "byte-by-byte": "服务器没有回答就关闭了连接",
        "closing": "KeyboardInterrupt",
    },
    "dies_on_reset": {
        "reset": "ConnectionResetError",
        "rude": "程序  已经结束(退出码 1)",
        "silent": "没有回答",
        "reverse": "没有回答",
        "not-reading": "没有回答",
        "closing": "KeyboardInterrupt",
    },
    "two_and_out": {"reverse": "程序  已经结束(退出码 0)", "closing": "KeyboardInterrupt"},
    "listens_too_long": {"closing": "Ctrl-C 以后,新客户还连得上"},
}

TALK_WRONG = {
    "no-empty": "没有收到人打的字",
    "quit-typed": "没有收到人打的字",
    "hung-up": "没有显示「hello there」",
}

# 检查的时间多半在等,几个一起做。
POOL = ThreadPoolExecutor(max_workers=4)


def tearDownModule():
    POOL.shutdown(cancel_futures=True)


class TcpServers(CheckTest):
    """check tcp-threads 和 check tcp-talk"""

    @classmethod
    def setUpClass(cls):
        jobs = [("tcp-threads", name) for name in ("right", *WRONG)]
        jobs += [("tcp-talk", name) for name in ("talk_right", "talk_deaf_to_end")]
        cls.reports = {
            name: POOL.submit(check_file, stage, SERVERS / f"tcp_{name}.py") for stage, name in jobs
        }

    def expect(self, name, expected):
        """恰好这几条没有通过,每条都说得出原因。"""
        report = self.reports[name].result()
        self.assertEqual(report.code, 1, f"{name} 不应当通过:\n{report}")
        ignored = SILENT | RACES if name == "two_and_out" else SILENT
        self.assertEqual(set(report.failed) - ignored, set(expected), f"{name} 的毛病应当恰好是这些:\n{report}")
        for case, diagnosis in expected.items():
            self.assertIn(diagnosis, report.failed[case], f"{name} 的 {case} 应当说「{diagnosis}」")
            self.assertComplete(case, report.failed[case])
        case = next(iter(expected))
        self.assertRepeats(case, report.failed[case])

    def test_right_servers_pass(self):
        for name in ("right", "talk_right"):
            report = self.reports[name].result()
            self.assertPasses(report, f"tcp_{name}.py")
            self.assertLessEqual(report.skipped, {"gbk"}, f"只有要选项的可以跳过:\n{report}")

    def test_talk_that_hears_only_the_others_quit(self):
        self.expect("talk_deaf_to_end", TALK_WRONG)


for _name in WRONG:
    setattr(TcpServers, f"test_names_{_name}", lambda self, name=_name: self.expect(name, WRONG[name]))


if __name__ == "__main__":
    unittest.main()
