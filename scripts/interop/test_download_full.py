"""磁盘写满:在自己的挂载空间里挂一个很小的 tmpfs,下载到里面。

用到 unshare、mount(Debian 的 util-linux、mount)。
"""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import PATIENCE, InteropTest, binary, missing

INSIDE = ("unshare", "--user", "--map-root-user", "--mount")

# 文件比磁盘大,磁盘比一次写的大。
SIZE = 9_000_000
ROOM = "4m"

# 先下载到满,看留下什么;换大的磁盘(内容还在),再运行同样的命令。
SCRIPT = """
mount -t tmpfs -o size=$ROOM none "$DISK" && cd "$DISK" || exit 99
printf 'old' >out
"$@"
echo "full $?"
[ "$(cat out)" = old ] && echo "old kept"
echo "left" *
mount -o remount,size=64m "$DISK" || exit 99
"$@"
echo "room $?"
cmp "$FILE" out && echo "same"
ls -A
"""


class FullDiskTest(InteropTest):
    def setUp(self):
        if shutil.which("unshare") is None or subprocess.run([*INSIDE, "true"], capture_output=True).returncode:
            missing("不能建名字空间(unshare --user --mount)")
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name, "root")
        self.disk = Path(scratch.name, "disk")
        self.root.mkdir()
        self.disk.mkdir()
        (self.root / "f").write_bytes(os.urandom(SIZE))

    def download(self, *options):
        """下载到满的磁盘,再下载到够大的磁盘;返回全部输出。"""
        _, (host, port) = self.server("download-resume", "server", "127.0.0.1:0", "--root", str(self.root))
        command = [binary("download-resume"), "client", f"{host}:{port}", "f", "--output", "out", *options]
        environment = {**os.environ, "DISK": str(self.disk), "FILE": str(self.root / "f"), "ROOM": ROOM}
        done = subprocess.run(
            [*INSIDE, "sh", "-c", SCRIPT, "sh", *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=6 * PATIENCE,
            text=True,
        )
        if done.returncode == 99:
            missing(f"不能挂 tmpfs:{done.stdout}")
        return done.stdout

    def check(self, *options):
        printed = self.download(*options)
        self.assertIn("full 1\n", printed, "写满了,应当失败")
        self.assertRegex(printed, "错误:写不了文件:磁盘满了", "应当说出磁盘满了")
        self.assertIn("old kept\n", printed, "以前的文件应当还在")
        self.assertIn("left out out.part out.part.state\n", printed, "半成品和它的状态,没有别的")
        self.assertIn("room 0\n", printed, "有了地方,应当下完")
        self.assertIn("same\n", printed, "应当和服务器的一样")
        self.assertTrue(printed.endswith("same\nout\n"), f"不应当留下别的:{printed[-200:]}")
        return printed

    def test_one_connection(self):
        self.assertRegex(self.check(), "已经有 [0-9]+ 字节", "应当接着下")

    def test_several_connections(self):
        """状态文件没有地方写第二份了,也要记得收到哪里。"""
        self.assertRegex(self.check("--jobs", "4"), "已经有 [0-9]+ 字节", "应当接着下")


if __name__ == "__main__":
    unittest.main()
