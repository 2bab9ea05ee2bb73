//! 网站的全部检查:每个阶段面对的都是这一张表。

use super::{connections, files, fixed, http, limits};
use crate::ladder::Case;

/// 从 web-fixed 起通过的检查,其余各项由每条检查自己写。
const FIXED: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "51-web-fixed.md",
    since: "web-fixed",
    until: None,
    options: &[],
    run: fixed::page,
};

/// 从 web-static 起通过的检查。
const STATIC: Case = Case {
    note: "52-web-static.md",
    since: "web-static",
    ..FIXED
};

/// 从 web-threads 起通过的检查。
const THREADS: Case = Case {
    note: "53-web-threads.md",
    since: "web-threads",
    ..FIXED
};

/// 从 web-pool 起通过的检查。
const POOL: Case = Case {
    note: "55-web-pool.md",
    since: "web-pool",
    ..FIXED
};

/// 从 web-http 起通过的检查。
const HTTP: Case = Case {
    note: "56-web-http.md",
    since: "web-http",
    ..FIXED
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "page",
        title: "要首页,得到 200 和一页 HTML",
        why: "状态行、字段、空行、正文:少一样,浏览器就看不懂",
        hint: "HTTP/1.1 200 OK、Content-Type: text/html、空行,然后是正文",
        run: fixed::page,
        ..FIXED
    },
    Case {
        id: "charset",
        title: "说出文字的编码",
        why: "浏览器猜编码,中文就可能是乱码",
        hint: "Content-Type: text/html; charset=utf-8",
        run: fixed::charset,
        ..FIXED
    },
    Case {
        id: "length",
        title: "说出正文的长度,Connection: close 以后关闭",
        why: "没有长度又不关闭,浏览器不知道正文完了没有,一直转圈",
        hint: "Content-Length 是正文的字节数,不是字数;答完就 close",
        run: fixed::length,
        ..FIXED
    },
    Case {
        id: "fixed",
        title: "要什么都是同一页",
        why: "这一阶段还不看路径和方法",
        hint: "不用看请求,读到空行就回答",
        until: Some("web-fixed"),
        run: fixed::fixed,
        ..FIXED
    },
    Case {
        id: "split-line",
        title: "请求行分两段到",
        why: "TCP 没有边界:一次 recv 可能只得到半个请求",
        hint: "循环 recv,直到缓冲区里有空行(\\r\\n\\r\\n)",
        run: fixed::split_line,
        ..FIXED
    },
    Case {
        id: "split-blank",
        title: "空行分两段到",
        why: "一次 recv 可能正好在空行前面停下",
        hint: "在攒起来的全部字节里找空行,不是在最后一次收到的里面找",
        run: fixed::split_blank,
        ..FIXED
    },
    Case {
        id: "split-crlf",
        title: "最后一个字节晚到",
        why: "\\r 和 \\n 也可能分两次到",
        hint: "找到完整的 \\r\\n\\r\\n 才算完",
        run: fixed::split_crlf,
        ..FIXED
    },
    Case {
        id: "bytewise",
        title: "请求一个字节一个字节地到",
        why: "网络慢、对方一个字一个字地打,都会这样",
        hint: "循环 recv,直到有空行",
        run: fixed::bytewise,
        ..FIXED
    },
    Case {
        id: "large-head",
        title: "3,000 字节的头也读得完",
        why: "带着 Cookie 的浏览器,头常常超过 1,024 字节;没有读走就关闭,对方得到的是复位",
        hint: "不要只 recv(1024) 一次",
        run: fixed::large_head,
        ..FIXED
    },
    Case {
        id: "endless-head",
        title: "头没完没了:回答 431 或者关闭,还能服务下一位",
        why: "陌生人一直说下去,内存就被他占光",
        hint: "头超过几千字节就不再读",
        run: fixed::endless_head,
        ..FIXED
    },
    Case {
        id: "gone",
        title: "连上就走、说一半就走、复位,服务器继续",
        why: "浏览器常常先连上备用,不一定说话;没有接住的异常会让服务器退出",
        hint: "recv 得到 b\"\" 就关闭这条连接,等下一位",
        run: fixed::gone,
        ..FIXED
    },
    Case {
        id: "reset",
        title: "要了就走,不听回答,服务器继续",
        why: "往断了的连接上发,得到 BrokenPipe 或复位",
        hint: "发送也会失败:和接收一样接住",
        run: fixed::reset,
        ..FIXED
    },
    Case {
        id: "half-close",
        title: "说完请求就半关闭的客户,也有回答",
        why: "他说完了,还在听",
        hint: "收到流的末尾,先把已经有的请求答完",
        run: fixed::half_close,
        ..FIXED
    },
    Case {
        id: "not-text",
        title: "不是 UTF-8 的字节、空的请求,服务器继续",
        why: "decode 抛异常,一个坏字节就能让服务器退出",
        hint: "按字节处理,或者接住 UnicodeDecodeError",
        run: fixed::not_text,
        ..FIXED
    },
    Case {
        id: "http-1.0",
        title: "HTTP/1.0 的客户,答完就关闭",
        why: "1.0 默认一条连接只答一次(RFC 9112 §9.3)",
        hint: "看请求行的版本",
        run: fixed::old_version,
        ..FIXED
    },
    Case {
        id: "unread-body",
        title: "请求带着正文:回答以后是末尾,不是复位",
        why: "还有没读的字节就关闭,操作系统发的是复位,对方还没有读的回答也没了",
        hint: "先 shutdown 写的方向,把对方还在说的读完,再 close",
        run: fixed::unread_body,
        ..FIXED
    },
    Case {
        id: "many",
        title: "一位接一位,30 位都有回答",
        why: "服务完一位就退出、不还描述符,都是常见的错",
        hint: "accept 放进循环;答完就关闭",
        run: fixed::many,
        ..FIXED
    },
    Case {
        id: "file",
        title: "路径是文件名,给出这个文件",
        why: "一个网站不止一页",
        hint: "取请求行的第二段,在网站的目录里打开",
        run: files::file,
        ..STATIC
    },
    Case {
        id: "any-bytes",
        title: "内容是什么字节都行",
        why: "图片不是文字:按文字读写会改掉换行、编不了码",
        hint: "用二进制方式打开,字节原样发",
        run: files::any_bytes,
        ..STATIC
    },
    Case {
        id: "empty",
        title: "空文件:200,长度 0",
        why: "空的和没有的不一样",
        hint: "Content-Length: 0",
        run: files::empty,
        ..STATIC
    },
    Case {
        id: "large",
        title: "3 MiB 的文件一个字节不差",
        why: "send 可能只发出一部分",
        hint: "sendall,或者循环发到完",
        run: files::large,
        ..STATIC
    },
    Case {
        id: "fresh",
        title: "文件改了,下一次就是新的",
        why: "启动时全读进内存的服务器,改了网页还要重启",
        hint: "每次请求都看看文件",
        run: files::fresh,
        ..STATIC
    },
    Case {
        id: "types",
        title: "类型跟着扩展名走,文字带 charset",
        why: "类型错了,样式和脚本浏览器不用,图片当文字显示",
        hint: "一张扩展名到类型的表;不认得的是 application/octet-stream",
        run: files::types,
        ..STATIC
    },
    Case {
        id: "chinese",
        title: "中文、空格的文件名:百分号编码解一次",
        why: "请求行里只能有 ASCII,别的字节写成 %E4%BD%A0(RFC 3986 §2.1)",
        hint: "urllib.parse.unquote",
        run: files::chinese,
        ..STATIC
    },
    Case {
        id: "once",
        title: "百分号编码只解一次",
        why: "解两次,%252e 就变成了点,检查过的路径又变了",
        hint: "先解码再检查,以后不再解",
        run: files::once,
        ..STATIC
    },
    Case {
        id: "query",
        title: "问号以后的不是文件名",
        why: "?v=1 是查询串(RFC 3986 §3.4)",
        hint: "先按 ? 切开",
        run: files::query,
        ..STATIC
    },
    Case {
        id: "index",
        title: "目录的路径,给出里面的 index.html",
        why: "人打的网址多半以 / 结尾",
        hint: "以 / 结尾就接上 index.html",
        run: files::index,
        ..STATIC
    },
    Case {
        id: "missing",
        title: "没有的文件:404,带长度,服务器继续",
        why: "没有就说没有,浏览器和人都看得懂",
        hint: "接住打开文件的错误",
        run: files::missing,
        ..STATIC
    },
    Case {
        id: "directory",
        title: "没有 index.html 的目录:404 或 403",
        why: "打开目录再读会出错",
        hint: "看看是不是普通文件",
        run: files::directory,
        ..STATIC
    },
    Case {
        id: "traversal",
        title: "用 .. 和绝对路径走不出网站的目录",
        why: "路径穿越(CWE-22):陌生人能读到服务器上的任何文件",
        hint: "有一段是 .. 就拒绝;打开之前看真正的路径还在不在目录里",
        run: files::traversal,
        ..STATIC
    },
    Case {
        id: "encoded-traversal",
        title: "把 .. 编码成 %2e%2e 也走不出去",
        why: "先检查再解码,等于没有检查",
        hint: "解码以后再检查",
        run: files::encoded_traversal,
        ..STATIC
    },
    Case {
        id: "symlink",
        title: "指向外面的符号链接不跟着走",
        why: "名字很普通,打开的却是外面的文件",
        hint: "os.path.realpath 以后再看还在不在目录里",
        run: files::symlink,
        ..STATIC
    },
    Case {
        id: "odd-paths",
        title: "写坏的百分号、NUL、换行、很长的名字:拒绝,服务器继续",
        why: "这些名字会让打开文件的函数抛出别的异常",
        hint: "接住 ValueError、UnicodeDecodeError、OSError",
        run: files::odd_paths,
        ..STATIC
    },
    Case {
        id: "special",
        title: "管道、套接字不是网页",
        why: "打开没有人写的管道,就一直停在那里",
        hint: "打开之前看看是不是普通文件",
        run: files::special,
        ..STATIC
    },
    Case {
        id: "method",
        title: "POST、PUT、DELETE:405,用 Allow 说出可以用什么",
        why: "把 DELETE 当成 GET 回答 200,客户以为删掉了",
        hint: "看请求行的第一段",
        run: files::other_method,
        ..STATIC
    },
    Case {
        id: "head",
        title: "HEAD:字段和 GET 的一样,没有正文",
        why: "客户只想看看大小和类型;多出来的正文会被当成下一个回答(RFC 9110 §9.3.2)",
        hint: "只发头,Content-Length 照写",
        run: files::head,
        ..STATIC
    },
    Case {
        id: "garbage",
        title: "不是请求的:400,服务器继续",
        why: "请求行是「方法 目标 版本」,各隔一个空格(RFC 9112 §3)",
        hint: "切开以后数一数是不是三段",
        run: files::garbage,
        ..STATIC
    },
    Case {
        id: "smuggled-body",
        title: "请求的正文不会当成下一个请求",
        why: "正文里藏着的请求被执行,就是请求走私(RFC 9112 §11.2)",
        hint: "不认得正文,就答完关闭;要留着连接,先按 Content-Length 跳过它",
        run: files::smuggled_body,
        ..STATIC
    },
    Case {
        id: "silent",
        title: "有人连上不说话、说一半停下,别人不用等",
        why: "服务器停在他的 recv 里,后面的人都没有回答",
        hint: "每条连接一个线程,或者用事件循环",
        run: connections::silent,
        ..THREADS
    },
    Case {
        id: "not-reading",
        title: "有人要了大文件不收,别人不受影响",
        why: "他不收,两边的缓冲区塞满,服务器停在 send 里",
        hint: "每条连接一个线程,或者用事件循环",
        run: connections::not_reading,
        ..THREADS
    },
    Case {
        id: "two",
        title: "一条连接上问三次,答三次",
        why: "HTTP/1.1 的连接默认留着:每个文件重新握手,一页要慢好几倍(RFC 9112 §9.3)",
        hint: "答完不关闭,回去等下一个请求",
        run: connections::two,
        ..THREADS
    },
    Case {
        id: "after-error",
        title: "404 以后,连接还能接着用",
        why: "缺一个图标,不应当让整页的连接都断",
        hint: "404 也要有正确的 Content-Length",
        run: connections::after_error,
        ..THREADS
    },
    Case {
        id: "after-head",
        title: "HEAD 以后,连接还能接着用",
        why: "HEAD 的回答后面多一个字节,下一个回答就错位",
        hint: "HEAD 只发头",
        run: connections::after_head,
        ..THREADS
    },
    Case {
        id: "pipelined",
        title: "一次说 20 个请求,按次序一个一个答",
        why: "一次 recv 可能得到几个请求:后面的还在缓冲区里,不会再来(RFC 9112 §9.3.2)",
        hint: "答完一个,先看缓冲区里还有没有,没有再 recv",
        run: connections::pipelined,
        ..THREADS
    },
    Case {
        id: "close",
        title: "Connection: close:答完就关闭,并且说出来",
        why: "客户说了不再用,服务器就不应当再等",
        hint: "看 Connection 字段,不分大小写,逗号分开",
        run: connections::close,
        ..THREADS
    },
    Case {
        id: "at-once",
        title: "40 条连接同时开着,后来的先说",
        why: "服务的次序由谁在说话决定,不是由谁先到",
        hint: "每条连接一个线程,或者用事件循环",
        run: connections::at_once,
        ..THREADS
    },
    Case {
        id: "drain",
        title: "Ctrl-C 以后,新客户进不来,正在发的发完",
        why: "发到一半断了,客户手里是半个文件",
        hint: "先关闭监听套接字,再等正在答的答完",
        run: connections::drain,
        ..POOL
    },
    Case {
        id: "host",
        title: "没有 Host:400",
        why: "一个地址上可以有许多网站,1.1 的请求必须说是哪一个(RFC 9112 §3.2)",
        hint: "没有 Host 的 HTTP/1.1 请求,回答 400",
        run: http::host,
        ..HTTP
    },
    Case {
        id: "two-hosts",
        title: "两个 Host:400",
        why: "前面的代理看第一个,后面的服务器看第二个,就会走错门",
        hint: "数一数 Host 有几个",
        run: http::two_hosts,
        ..HTTP
    },
    Case {
        id: "two-lengths",
        title: "两个不同的 Content-Length:400",
        why: "正文到哪里为止,两个人看法不同,就能走私请求(RFC 9112 §6.3)",
        hint: "不一致就 400,关闭",
        run: http::two_lengths,
        ..HTTP
    },
    Case {
        id: "unknown-method",
        title: "不认得的方法:501",
        why: "405 是「这里不行」,501 是「我不会」(RFC 9110 §15.6.2)",
        hint: "认得的列一张表",
        run: http::unknown_method,
        ..HTTP
    },
    Case {
        id: "version",
        title: "HTTP/2.0 的请求行:505",
        why: "主版本不同,写法就不同(RFC 9110 §15.6.6)",
        hint: "HTTP/1.x 以外的回答 505",
        run: http::future_version,
        ..HTTP
    },
    Case {
        id: "long-target",
        title: "目标太长:414",
        why: "431 说的是字段太长,414 说的是网址太长(RFC 9110 §15.5.15)",
        hint: "分开看请求行和字段",
        run: http::long_target,
        ..HTTP
    },
    Case {
        id: "options",
        title: "OPTIONS *:说出会什么",
        why: "客户先问问可以用哪些方法(RFC 9110 §9.3.7)",
        hint: "204 和 Allow",
        run: http::options,
        ..HTTP
    },
    Case {
        id: "absolute",
        title: "完整的网址当目标,也认得",
        why: "对代理说的就是这样,服务器必须认得(RFC 9112 §3.2.2)",
        hint: "去掉 http:// 和主机名",
        run: http::absolute,
        ..HTTP
    },
    Case {
        id: "empty-line",
        title: "请求前面多一个空行,不当回事",
        why: "有的旧客户在 POST 之后多发一个换行(RFC 9112 §2.2)",
        hint: "请求行之前的空行跳过",
        run: http::empty_line,
        ..HTTP
    },
    Case {
        id: "date",
        title: "每个回答都有 Date",
        why: "缓存用它算这份回答有多旧(RFC 9110 §6.6.1)",
        hint: "Date: Sun, 06 Nov 1994 08:49:37 GMT",
        run: http::date,
        ..HTTP
    },
    Case {
        id: "not-modified",
        title: "没有变的文件:304,不再发一遍",
        why: "浏览器手里已经有了,只想知道变了没有(RFC 9110 §13)",
        hint: "ETag 和 If-None-Match,Last-Modified 和 If-Modified-Since",
        run: http::not_modified,
        ..HTTP
    },
    Case {
        id: "range",
        title: "只要一段:206",
        why: "拖动视频的进度、断点续传,都只要一段(RFC 9110 §14)",
        hint: "Range: bytes=2-5;Content-Range: bytes 2-5/总长",
        run: http::range,
        ..HTTP
    },
    Case {
        id: "beyond",
        title: "要的那一段在末尾之后:416",
        why: "客户手里的文件比服务器的长,应当告诉它现在多长",
        hint: "Content-Range: bytes */总长",
        run: http::beyond,
        ..HTTP
    },
    Case {
        id: "slash",
        title: "目录少写了 /:转到有 / 的网址",
        why: "不转,页面里的相对网址就都错了",
        hint: "301 和 Location",
        run: http::slash,
        ..HTTP
    },
    Case {
        id: "404-page",
        title: "404.html 是找不到时的页面",
        why: "人看到的应当是一页网页,不是一行英文",
        hint: "404 的正文换成网站自己的 404.html",
        run: http::own_page,
        ..HTTP
    },
    Case {
        id: "hidden",
        title: "点开头的文件不给",
        why: "把 .git、.env 放在网站目录里的人很多",
        hint: "名字以点开头就 404",
        run: http::hidden,
        ..HTTP
    },
];

/// 只有 web-pool 认得的选项,单独一条线。
pub const LIMIT_CASES: &[Case] = &[
    Case {
        id: "full",
        title: "都在忙、队列也满了:503,说出过一会儿再来",
        why: "不回答、不拒绝,人只能干等;线程数没有上限,一万个连接就是一万个线程",
        hint: "工作线程和队列都有上限;满了就 503 和 Retry-After",
        options: &["--workers", "1", "--queue", "1"],
        run: limits::full,
        ..POOL
    },
    Case {
        id: "queued",
        title: "排着队的,有人空了就有回答",
        why: "队列就是为这一会儿准备的",
        hint: "有界的队列,工作线程空了就去取",
        options: &["--workers", "1", "--queue", "4"],
        run: limits::queued,
        ..POOL
    },
    Case {
        id: "gives-way",
        title: "留着不用的连接,让给排队的",
        why: "几个开着网页不动的人,就能占住所有的工作线程",
        hint: "有人排队,就关掉等下一个请求的连接",
        options: &["--workers", "2", "--queue", "4", "--idle", "600"],
        run: limits::gives_way,
        ..POOL
    },
    Case {
        id: "drain-idle",
        title: "Ctrl-C 以后,留着不用的连接马上关闭",
        why: "它们没有话要说完,不必等到期限",
        hint: "收场时先关等下一个请求的连接",
        options: &["--grace", "600", "--idle", "600"],
        run: limits::drain_idle,
        ..POOL
    },
    Case {
        id: "drain-queue",
        title: "Ctrl-C 时还在排队的,得到 503",
        why: "什么也不说就断,客户不知道要不要再来",
        hint: "收场时把队列里的都答一句",
        options: &["--workers", "1", "--queue", "4"],
        run: limits::drain_queue,
        ..POOL
    },
    Case {
        id: "idle",
        title: "太久不说下一个请求的,关闭他的连接",
        why: "等着的连接占着一个线程,不能等一辈子",
        hint: "给接收一个期限(settimeout),到了就关闭",
        options: &["--idle", "1"],
        run: limits::idle,
        ..POOL
    },
    Case {
        id: "grace",
        title: "收场的期限到了还在收的,挂断",
        why: "有人一直不收,服务器也不能一直不结束",
        hint: "等的时候给一个期限,到了就 shutdown 连接",
        options: &["--grace", "1"],
        run: limits::grace,
        ..POOL
    },
];
