"""符合性表:web-http 和 web-poll 全部合乎,nginx 和 Apache 各合多少;有缺陷的服务器,表都看得出来。

用到的 Debian 软件包:nginx、apache2-bin。
"""

import os
import shutil
import socket
import tempfile
import unittest
from pathlib import Path

from support import BIN_DIR, SERVERS, InteropTest, missing, python, until

# 不合的行要等满期限,机器忙的时候更久。
TABLE_PATIENCE = 300

# 至少要有这么多行。
FEWEST_RULES = 300

# 缺陷,和因此不合的行。没有缺陷的那个服务器,这些行都合。
FLAWS = {
    "joins": ["escape-1", "escape-6", "escape-11", "escape-12", "escape-13", "escape-14",
              "link-outside", "link-outside-directory"],
    "compares_prefix": ["escape-11", "escape-12", "escape-13"],
    "decodes_twice": ["path-once", "path-once-slash"],
    "ignores_bodies": ["length-post", "length-get", "length-plus", "chunk-one",
                       "smuggle-cl-te", "smuggle-te-cl", "smuggle-te-cl-zero"],
    "prefers_length": ["smuggle-cl-te", "smuggle-te-cl", "smuggle-te-cl-zero"],
    "range_off_by_one": ["range-some", "range-first", "range-past-end"],
    "weak_if_match": ["match-weak"],
    "no_allow": ["post-allow", "put-allow", "delete-allow"],
    "no_host": ["host-missing", "host-missing-others"],
    "head_with_body": ["head-no-body", "head-404", "head-big"],
    "never_closes": ["persist-close", "persist-close-case", "persist-after-close", "persist-404-close"],
}

NGINX = """
daemon off;
pid {work}/nginx.pid;
error_log {work}/nginx.log;
worker_processes 2;
events {{}}
http {{
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  charset utf-8;
  access_log off;
  client_body_temp_path {work}/body;
  proxy_temp_path {work}/proxy;
  fastcgi_temp_path {work}/fastcgi;
  uwsgi_temp_path {work}/uwsgi;
  scgi_temp_path {work}/scgi;
  gzip_static on;
  gzip_vary on;
  if_modified_since before;
  server {{
    listen 127.0.0.1:{port};
    root {root};
    error_page 404 /404.html;
    location ~ /\\. {{ return 404; }}
  }}
}}
"""

APACHE = """
ServerRoot {work}
PidFile {work}/apache.pid
ErrorLog {work}/apache.log
Listen 127.0.0.1:{port}
ServerName localhost
{modules}
TypesConfig {work}/mime.types
AddDefaultCharset utf-8
User www-data
Group www-data
DocumentRoot {root}
ErrorDocument 404 /404.html
<Directory {root}>
  Options SymLinksIfOwnerMatch
  Require all granted
</Directory>
<LocationMatch "/\\.">
  Require all denied
</LocationMatch>
"""

APACHE_MODULES = Path("/usr/lib/apache2/modules")
APACHE_NEEDS = ["mpm_event", "authz_core", "mime", "dir", "reqtimeout"]

APACHE_TYPES = """
text/html html
text/plain txt
text/css css
text/javascript js mjs
application/json json
image/svg+xml svg
image/png png
image/jpeg jpg
font/woff2 woff2
video/mp4 mp4
application/pdf pdf
application/gzip gz
"""


class ConformanceTest(InteropTest):
    """布置网站,做全表。"""

    def setUp(self):
        # nginx 和 Apache 的工人换了用户,也要读得了。
        self.work = Path(tempfile.mkdtemp(prefix="conformance-"))
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)
        self.work.chmod(0o755)
        self.table = BIN_DIR / "examples" / "web_conformance"
        if not self.table.exists():
            raise FileNotFoundError(f"没有 {self.table}:先运行 cargo build -p check --examples")
        planted = self.start([self.table, "plant", self.work])
        self.assertEqual(planted.wait("布置网站"), 0, planted.errors.text())
        self.root = self.work / "site"

    def judge(self, address, *ids):
        """做全表(或者只做 `ids`):每一节的 (合, 不合, 没有做),和不合的行。"""
        judge = self.start([self.table, "%s:%d" % address, self.root, *ids])
        self.assertEqual(judge.wait("做全表", TABLE_PATIENCE), 0, judge.errors.text())
        counts, failed = {}, {}
        for line in judge.output.text().splitlines():
            words = line.split("\t")
            if words[0] == "不合":
                failed[words[2]] = words[3]
            elif len(words) == 4:
                counts[words[0]] = tuple(map(int, words[1:]))
        return counts, failed

    def peer(self, argv, port):
        """启动别人的服务器,等它接受连接。"""
        program = self.start(argv)

        def accepts():
            if program.process.poll() is not None:
                raise AssertionError(f"{argv[0]} 自己结束了:{program.errors.text()}")
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        until(accepts, f"{argv[0]} 应当在 {port} 上监听")
        return "127.0.0.1", port

    def nginx(self):
        binary = tool("nginx")
        port = free_port()
        config = self.work / "nginx.conf"
        config.write_text(NGINX.format(work=self.work, root=self.root, port=port))
        return self.peer([binary, "-e", "stderr", "-p", self.work, "-c", config], port)

    def apache(self):
        binary = tool("apache2")
        port = free_port()
        (self.work / "mime.types").write_text(APACHE_TYPES)
        modules = "\n".join(
            f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so" for name in APACHE_NEEDS
        )
        config = self.work / "apache.conf"
        config.write_text(APACHE.format(work=self.work, root=self.root, port=port, modules=modules))
        return self.peer([binary, "-f", config, "-DFOREGROUND"], port)

    def ours(self, name):
        _, address = self.server(name, "127.0.0.1:0", "--root", self.root, "--quiet")
        return address


class Comparison(ConformanceTest):
    """同一个网站,四个服务器。"""

    def test_ours_conform_and_the_others_almost(self):
        # 先看有没有 nginx 和 Apache。
        servers = {"nginx": self.nginx(), "Apache": self.apache()}
        servers |= {name: self.ours(name) for name in ("web-http", "web-poll")}
        results = {name: self.judge(address) for name, address in servers.items()}
        print(side_by_side({name: counts for name, (counts, _) in results.items()}), flush=True)
        for name in ("web-http", "web-poll"):
            counts, failed = results[name]
            self.assertEqual(failed, {}, f"{name} 有不合的行")
            self.assertGreaterEqual(counts["all"][0], FEWEST_RULES)
            for other in ("nginx", "Apache"):
                self.assertGreater(counts["RFC"][0], results[other][0]["RFC"][0], f"{name} 与 {other}")


class Flaws(ConformanceTest):
    """表看得出每一种缺陷,只怪有缺陷的地方。"""

    def judge_flawed(self, flaw, ids):
        program = self.start(python(SERVERS / "web_flawed.py", self.root, flaw))
        return self.judge(self.listening(program), *ids)[1]

    def test_each_flaw_fails_its_rows(self):
        everything = sorted({name for names in FLAWS.values() for name in names})
        self.assertEqual(self.judge_flawed("", everything), {}, "没有缺陷的服务器")
        for flaw, names in FLAWS.items():
            with self.subTest(flaw=flaw):
                failed = self.judge_flawed(flaw, everything)
                self.assertEqual(sorted(failed), sorted(names))


def tool(name):
    """一个服务器的路径;普通用户的 PATH 里不一定有 /usr/sbin。"""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    return found or missing(f"没有安装 {name}")


def free_port():
    """一个现在没有人用的端口。"""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def side_by_side(results):
    """每一节合了几行,几个服务器并排;own 是课程自己的决定,不比较。"""
    names = list(results)
    lines = ["%-20s %s %s" % ("节", "行数".rjust(6), " ".join(name.rjust(9) for name in names))]
    for section in results[names[0]]:
        total = sum(results[names[0]][section])
        passed = " ".join(str(results[name][section][0]).rjust(9) for name in names)
        lines.append(f"{section:<20} {total:>8} {passed}")
    return "\n".join(lines)


if __name__ == "__main__":
    unittest.main()
