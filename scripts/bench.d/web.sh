# shellcheck shell=bash
# 网站:第 5 章的各个阶段,和 nginx、lighttpd、Python 比。由 scripts/bench 读入;命名空间借 download.sh 的,probe 借 shell.sh 的。

# 各阶段的号码和程序,按号码的次序。
declare -A web_stage=(
    [51]=web-fixed [52]=web-static [53]=web-threads [54]=web-object [55]=web-pool [56]=web-http [57]=web-poll
)
declare -A web_label=(
    [nginx]="nginx" [buffered]="nginx,sendfile off" [lighttpd]="lighttpd" [python]="Python http.server"
)
# 一种测量:文件、同时开着的连接。close 的每个请求一条新连接,pipe 的每次写出 16 个请求。
declare -A web_kind_label=(
    [k1-64]="1 KiB,64 条" [k1-256]="1 KiB,256 条" [k16-64]="16 KiB,64 条" [k16-256]="16 KiB,256 条"
    [m1-64]="1 MiB,64 条" [close-64]="1 KiB,每次新连接" [pipe-64]="1 KiB,流水线"
)
declare -A layout_label=([pinned]="各占一核" [shared]="都用全部的核")
declare -A web_bytes=([k1]=1024 [k16]=16384 [m1]=1048576)

# 每次写出几个请求。
pipeline_depth=16

# 延迟是在这个速度下量的,每秒几次:最慢的也有几倍的余地,量到的才不是排队。
web_rate=20000

# 不说话的连接。
most_idle=10000

bench_web() {
    # nginx、lighttpd 在 /usr/sbin,普通用户的 PATH 里不一定有。
    PATH=$PATH:/usr/sbin
    local peers=() missing=() notes=()
    find_stages
    if [[ ! ${BENCH_NAMESPACE:-} ]]; then
        build_web
        in_own_namespace
        return
    fi
    set_congestion
    command -v wrk >/dev/null || fail "没有 wrk" "它是量速度的:apt-get install wrk"
    find_web_peers
    prepare_web
    local own_core=$server_core port address load_process answers orders
    declare -A broken=()
    echo "${#peers[@]} 个程序,$rounds 轮,每次 $seconds 秒" >&2
    take_turns measure_web "${peers[@]}"
    report_web | tee ${out:+"$out"}
    if [[ $svg ]]; then draw_web >"$svg"; fi
    ((${#broken[@]} == 0)) || fail "${!broken[*]} 没有测成" "原因在报告里"
}

# 要测的阶段:--stages 选的,没有选就是已经写好的。
find_stages() {
    local number
    for number in $(printf '%s\n' "${!web_stage[@]}" | sort); do
        [[ ! $stages || ,$stages, == *,$number,* ]] || continue
        [[ -d crates/$number-${web_stage[$number]} ]] || continue
        peers+=("$number")
        web_label[$number]="$number ${web_stage[$number]}"
    done
    [[ ${peers[*]} || ! $stages ]] || fail "没有阶段 $stages" "--stages 是用逗号分开的号码,例如 53,57"
}

build_web() {
    local number packages=()
    for number in "${peers[@]}"; do packages+=(-p "${web_stage[$number]}"); done
    ((${#packages[@]} == 0)) || build "${packages[@]}"
    build -p check --example web_load
}

# 装了哪些别的程序。
find_web_peers() {
    local program
    for program in nginx lighttpd python3; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    has_web nginx || peers+=(nginx buffered)
    has_web lighttpd || peers+=(lighttpd)
    # 垫片换成真的程序:CPU 时间要算对进程。
    has_web python3 || { peers+=(python) && python=$(python3 -c 'import sys; print(sys.executable)'); }
}

has_web() { [[ " ${missing[*]} " == *" $1 "* ]]; }

# 三个文件,描述符的上限。
prepare_web() {
    local file
    root=$work/root
    mkdir "$root"
    for file in "${!web_bytes[@]}"; do head -c "${web_bytes[$file]}" /dev/urandom >"$root/$file"; done
    ulimit -Sn $((most_idle + 2000)) 2>/dev/null || {
        ulimit -Sn "$(ulimit -Hn)"
        most_idle=$(($(ulimit -Hn) - 200))
        notes+=("描述符的上限是 $(ulimit -Hn):不说话的连接只开 $most_idle 条。")
    }
}

# ---- 测量 ----------------------------------------------------------------

# 第 $1 轮,程序 $2。每种布局都重新启动服务器。
measure_web() {
    local round=$1 peer=$2 layout=pinned
    if [[ $own_core ]]; then
        probe
        measure_layout
        measure_rate
        stop_server
    fi
    layout=shared
    # 两边都不固定,由系统调度。
    local server_core='' load_core=''
    measure_layout
    stop_server
    measure_idle
}

# 在布局 $layout 下量程序 $peer 的各种。
measure_layout() {
    local kind
    start_web
    for kind in $(kinds_of "$peer"); do
        [[ $layout == pinned || ! $own_core || $kind == @(k1-64|k16-64|m1-64) ]] || continue
        measure_kind_of_web
    done
}

# 程序 $1 量哪几种。51 只有一页;52 和 Python(HTTP/1.0)每次都关连接;54 和 53 只是写法不同。
# tcp_nopush 和流水线在一起,nginx 每次要等 40 毫秒的确认:那不是它的本事,不比。
kinds_of() {
    case $1 in
    51) echo k1-64 ;;
    52 | python) echo k1-64 m1-64 ;;
    54) echo k1-64 close-64 ;;
    nginx) echo k1-64 k1-256 k16-64 k16-256 m1-64 close-64 ;;
    *) echo k1-64 k1-256 k16-64 k16-256 m1-64 close-64 pipe-64 ;;
    esac
}

# 量程序 $peer 的 $kind,记下结果。
measure_kind_of_web() {
    local file=${kind%-*} connections=${kind#*-} threads=1 depth=1 headers=() ticks line
    case $file in
    close) file=k1 headers=(-H 'Connection: close') ;;
    pipe) file=k1 depth=$pipeline_depth ;;
    esac
    [[ ! ${broken[$peer-$kind]:-} ]] || return 0
    if [[ $layout == shared ]]; then threads=$(nproc); fi
    # 先看看给的对不对,文件也读进了页缓存。
    run_load "$release/examples/web_load" check "$address" "/$file" "$root/$file" >/dev/null 2>"$work/load" || {
        give_up_web "$kind"
        return 0
    }
    ticks=$(web_ticks)
    line=$(run_load wrk -t "$threads" -c "$connections" -d "$seconds" "${headers[@]}" -s scripts/bench.d/web.lua \
        "http://$address/$file" -- "$depth" 2>"$work/load" | grep '^requests=') || true
    ticks=$(($(web_ticks) - ticks))
    if [[ $line != requests=* || $line == requests=0\ * ]]; then
        give_up_web "$kind"
        return 0
    fi
    line+=" $(per_request "$ticks" "$line")"
    echo "第 $round 轮 $peer ${layout_label[$layout]} ${web_kind_label[$kind]}:$line" >&2
    record "$peer" "$layout-$kind" "$line"
}

# 用了 $1 个滴答,$2 是结果的一行:每秒几次,每次几微秒 CPU,服务器占几个核。
per_request() {
    awk -v ticks="$1" -v hz="$(getconf CLK_TCK)" -v line="$2" 'BEGIN {
        split(line, item, /[= ]/)
        printf "per_second=%.1f cpu_us=%.4f busy=%.2f", item[2] / item[4], ticks / hz * 1e6 / item[2], ticks / hz / item[4]
    }'
}

# 每秒 $web_rate 次时的延迟。
measure_rate() {
    local ticks line
    is_kept_open "$peer" && [[ ! ${broken[$peer-rate]:-} ]] || return 0
    ticks=$(web_ticks)
    line=$(run_load "$release/examples/web_load" rate "$address" /k1 "$root/k1" 64 "$web_rate" "$seconds" 2>"$work/load") || {
        give_up_web rate
        return 0
    }
    ticks=$(($(web_ticks) - ticks))
    line+=" $(per_request "$ticks" "$line")"
    echo "第 $round 轮 $peer 每秒 $web_rate 次:$line" >&2
    record "$peer" rate "$line"
}

# 程序 $1 有没有长连接。
is_kept_open() { [[ $1 != @(51|52|python) ]]; }

# 许多连接都开着、不说话时的内存;开着的不到,就是它不肯开那么多。
measure_idle() {
    local line
    # 54 和 53 只是写法不同,两个 nginx 只是送文件的办法不同。
    # 内存每一轮都一样,量两轮就够。
    [[ $peer != @(54|buffered) ]] && ((round <= 2)) && [[ ! ${broken[$peer-idle]:-} ]] && is_kept_open "$peer" || return 0
    start_web
    coproc IDLE { "$release/examples/web_load" idle "$address" /k1 "$root/k1" "$most_idle" 2>"$work/load"; }
    # 它一结束,bash 就收走 IDLE 和 IDLE_PID:自己留一份。
    load_process=$IDLE_PID
    exec {answers}<&"${IDLE[0]}" {orders}>&"${IDLE[1]}"
    eval "exec ${IDLE[0]}<&- ${IDLE[1]}>&-"
    if read -r line <&"$answers"; then
        line+=" $(web_memory)"
        echo "第 $round 轮 $peer 不说话的连接:$line" >&2
        record "$peer" idle "$line"
    else
        give_up_web idle
    fi
    exec {orders}>&- {answers}<&-
    wait "$load_process" || true
    stop_server
}

# 服务器没有做到 $1:以后不再测,报告里说明。
give_up_web() {
    broken[$peer-$1]=$({ head -n 1 "$work/load" && tail -n 2 "$work/stderr"; } | paste -sd ' ')
    echo "第 $round 轮 $peer $1 没有测成:${broken[$peer-$1]}" >&2
}

# 服务器所有进程的号码:nginx、lighttpd 的工人是子进程。
web_family() { echo "$server" "$(children "$server")"; }

web_ticks() {
    local process total=0
    for process in $(web_family); do total=$((total + $(cpu_ticks "$process"))); done
    echo "$total"
}

# 服务器所有进程的内存之和,KiB。PSS 是几个进程共用的页平分以后的(proc(5) 的 smaps_rollup)。
web_memory() {
    local process
    for process in $(web_family); do cat "/proc/$process/smaps_rollup"; done |
        awk '$1 == "Rss:" {rss += $2} $1 == "Pss:" {pss += $2} END {print "rss=" rss " pss=" pss}'
}

# ---- 启动服务器 ----------------------------------------------------------

# 启动程序 $peer。不写访问日志;没有 --quiet 的阶段,日志丢弃。
start_web() {
    local listen=127.0.0.1 quiet=()
    ln -sf /dev/null "$work/stdout"
    rm -f "$work/stderr"
    if [[ $peer == 5* && $("$release/${web_stage[$peer]}" --help) == *--quiet* ]]; then quiet=(--quiet); fi
    case $peer in
    51) start_server "$release/web-fixed" $listen:0 --page "$root/k1" ;;
    56 | 57)
        start_server "$release/${web_stage[$peer]}" $listen:0 --root "$root" "${quiet[@]}" \
            --idle 600 --connections $((most_idle + 1000)) --requests 1000000000
        ;;
    5*) start_server "$release/${web_stage[$peer]}" $listen:0 --root "$root" "${quiet[@]}" ;;
    # 这几个不能请系统挑端口。
    nginx | buffered)
        port=$(free_port)
        configure_web_nginx >"$work/nginx.conf"
        start_server nginx -e stderr -p "$work" -c "$work/nginx.conf"
        ;;
    lighttpd)
        port=$(free_port)
        configure_lighttpd >"$work/lighttpd.conf"
        # 它结束的时候,给整个进程组发信号:让它自成一组,不然 bench 也结束了。
        start_server setsid lighttpd -D -f "$work/lighttpd.conf"
        ;;
    python)
        port=$(free_port)
        # 它的访问日志在标准错误。
        ln -sf /dev/null "$work/stderr"
        start_server "$python" -m http.server "$port" --bind $listen --directory "$root"
        ;;
    esac
    port=$(wait_for_port tcp)
    address=$listen:$port
}

# 服务器能用几个核。
web_cores() { if [[ $layout == pinned ]]; then echo 1; else nproc; fi; }

# 一个核一个工人;一条连接不限请求的次数。buffered 不用 sendfile:短的文件这样更快。
configure_web_nginx() {
    local copying="sendfile on; tcp_nopush on;"
    if [[ $peer == buffered ]]; then copying="sendfile off;"; fi
    cat <<-END
		daemon off;
		user $(id -un) $(id -gn);
		worker_processes $(web_cores);
		pid $work/nginx.pid;
		error_log stderr crit;
		events {
		    worker_connections $((most_idle + 1000));
		}
		http {
		    access_log off;
		    $copying
		    open_file_cache max=1000;
		    keepalive_timeout 600;
		    keepalive_requests 1000000000;
		    client_body_temp_path $work;
		    proxy_temp_path $work;
		    fastcgi_temp_path $work;
		    uwsgi_temp_path $work;
		    scgi_temp_path $work;
		    server {
		        listen 127.0.0.1:$port reuseport;
		        root $root;
		    }
		}
	END
}

# 一个核一个工人(0 是只有一个进程)。它的次数最多写到 65535。
configure_lighttpd() {
    local workers
    workers=$(web_cores)
    cat <<-END
		server.document-root = "$root"
		server.bind = "127.0.0.1"
		server.port = $port
		server.max-worker = $((workers > 1 ? workers : 0))
		server.max-fds = $((most_idle + 1500))
		server.max-connections = $((most_idle + 1000))
		server.max-keep-alive-requests = 65535
		server.max-keep-alive-idle = 600
		server.listen-backlog = 4096
	END
}

# ---- 报告 ----------------------------------------------------------------

report_web() {
    local layout kinds=(k1-64 k1-256 k16-64 k16-256 m1-64 close-64 pipe-64)
    echo "### 网站:各个阶段和 nginx、lighttpd、Python,回环网络"
    echo
    echo "\`scripts/bench web --rounds $rounds --seconds $seconds${stages:+ --stages $stages}\`:各个程序轮流,每次重新启动,$rounds 轮取中位数。"
    echo
    describe_machine probe
    describe_web_peers
    echo "- † 服务器没有用满它的核:先到顶的是 wrk,或者服务器在等。它有多省力,看每次的 CPU。"
    for layout in pinned shared; do
        web_matrix "请求/秒" per_second %.0f
        web_matrix "服务器 CPU,µs/次" cpu_us %.1f
    done
    report_rate
    report_idle
    compare_web
}

describe_web_peers() {
    local note name
    echo "- 负载是 $(wrk -v 2>&1 | sed -n 's/^\(wrk\) \([^ ]*\).*/\1 \2/p')。各占一核:服务器的所有进程和线程在一个核上,wrk 在另一个;nginx、lighttpd 各一个工人。都用全部的核:都不固定,nginx、lighttpd 和 wrk 各 $(nproc) 个工人(线程)。"
    echo "- 「条」是同时开着的连接,各有一个请求在路上;流水线每次写出 $pipeline_depth 个请求;每次新连接的请求带 \`Connection: close\`。51、52 和 Python(HTTP/1.0)每次都关连接。"
    echo "- 延迟:64 条连接,1 KiB,每秒正好 $web_rate 次(crates/check/examples/web_load),从应当发出的时刻算起。饱和的时候,延迟只是排队。"
    echo "- 我们的程序用 --quiet,没有这个参数的阶段,日志写到 /dev/null。CPU 是服务器所有进程的用户态加内核态(/proc/PID/stat)。"
    if [[ $congestion == cubic && $BENCH_NAMESPACE == own ]]; then
        echo "- 在自己的网络命名空间里,回环的拥塞控制是 cubic,所有程序都一样。"
    else
        echo "- 拥塞控制是这台机器的 $congestion,所有程序都一样。"
    fi
    if has_peer nginx; then
        echo "- $(nginx -v 2>&1 | sed 's/.*: //'):sendfile、tcp_nopush、open_file_cache、reuseport,不写日志。第二个关了 sendfile:短的文件,它的系统调用更少。tcp_nopush 和流水线在一起每次要停 40 毫秒,所以流水线只测第二个。"
    fi
    if has_peer lighttpd; then echo "- $(lighttpd -v | sed 's/ .*//'),不写日志。"; fi
    if has_peer python; then echo "- $("$python" --version) 的 \`python3 -m http.server\`,日志写到 /dev/null。"; fi
    ((${#missing[@]} == 0)) || echo "- 没有安装 ${missing[*]},缺了它的几行。"
    for note in "${notes[@]}"; do echo "- $note"; done
    for name in "${!broken[@]}"; do echo "- **$name 没有测成**:${broken[$name]}"; done
}

# 布局 $layout 的一张表:一行一个程序,一列一种;$1 是标题,$2 是项目,$3 是写法。
web_matrix() {
    local kind row value
    [[ $(values "${peers[0]}" "$layout-k1-64" "$2") ]] || return 0
    echo
    echo "$1,${layout_label[$layout]}:"
    echo
    web_heading 服务器
    for peer in "${peers[@]}"; do
        row="| ${web_label[$peer]} |"
        for kind in "${kinds[@]}"; do
            shown_in_layout || continue
            value=–
            # shellcheck disable=SC2059 # 写法是参数。
            if [[ $(values "$peer" "$layout-$kind" "$2") ]]; then value=$(printf "$3" "$(middle "$peer" "$layout-$kind" "$2")")$(web_errors); fi
            if [[ $2 == per_second ]] && has_room_left; then value="$value†"; fi
            row+=" $value |"
        done
        echo "$row"
    done
}

# 各占一核时,服务器没有用满它的核:先到顶的是负载,或者服务器在等。
has_room_left() {
    [[ $layout == pinned ]] && middle_or_nothing "$layout-$kind" busy | awk '$1 < 0.9 {found = 1} END {exit !found}'
}

# 被拒绝(503)、断开的占 1 % 以上:写出来。
web_errors() {
    paste <(values "$peer" "$layout-$kind" refused) <(values "$peer" "$layout-$kind" broken) <(values "$peer" "$layout-$kind" requests) |
        awk '{refused += $1; broken += $2; fine += $3} END {
            if (refused * 100 > fine) printf "(另有 %.0f %% 被拒绝)", refused * 100 / (fine + refused)
            if (broken * 100 > fine) printf "(另有 %.0f %% 断开)", broken * 100 / (fine + broken)
        }'
}

# 表头;$1 是第一列。
web_heading() {
    local kind heading="| $1 |" rule="|---|"
    for kind in "${kinds[@]}"; do
        if shown_in_layout; then heading+=" ${web_kind_label[$kind]} |" rule+="---:|"; fi
    done
    echo "$heading"
    echo "$rule"
}

# 布局 $layout 下有没有人测过 $kind。
shown_in_layout() { awk -v kind="$layout-$kind" '$2 == kind {found = 1} END {exit !found}' "$results"; }

report_rate() {
    [[ $(awk '$2 == "rate"' "$results") ]] || return 0
    echo
    echo "每秒 $web_rate 次,各占一核:"
    echo
    echo "| 服务器 | p50 µs | p99 µs | CPU µs/次 |"
    echo "|---|---:|---:|---:|"
    for peer in "${peers[@]}"; do
        [[ $(values "$peer" rate p50_us) ]] || continue
        printf '| %s | %.1f | %.1f | %.1f |\n' "${web_label[$peer]}" "$(middle "$peer" rate p50_us)" \
            "$(middle "$peer" rate p99_us)" "$(middle "$peer" rate cpu_us)"
    done
}

report_idle() {
    [[ $(awk '$2 == "idle"' "$results") ]] || return 0
    echo
    echo "开着 $most_idle 条连接,各请求过一次,都不说话。所有进程的内存之和,没有算内核里的套接字:"
    echo
    echo "| 服务器 | 还开着的连接 | RSS MiB | PSS MiB |"
    echo "|---|---:|---:|---:|"
    for peer in "${peers[@]}"; do
        [[ $(values "$peer" idle rss) ]] || continue
        printf '| %s | %.0f | %.1f | %.1f |\n' "${web_label[$peer]}" "$(middle "$peer" idle open)" \
            "$(middle "$peer" idle rss | mebibytes_of)" "$(middle "$peer" idle pss | mebibytes_of)"
    done
}

mebibytes_of() { awk '{print $1 / 1024}'; }

# ---- 比值 ----------------------------------------------------------------

compare_web() {
    local layout rows
    if has_peer nginx; then
        for layout in pinned shared; do web_ratios per_second "请求/秒 ÷ nginx"; done
        for layout in pinned shared; do web_ratios cpu_us "每次的 CPU ÷ nginx"; done
    fi
    report_steadiness
    rows=$(compare_stages)
    [[ $rows ]] || return 0
    echo
    echo "先求每一轮的比值,再取中位数;括号里是最小和最大。速度之比大的好,CPU、延迟、内存之比小的好。"
    echo
    echo "| 布局 | 情形 | 比较 | 比值 | 目标 |"
    echo "|---|---|---|---|---|"
    echo "$rows"
}

# 哪种布局更稳:同一个比值,各轮的最大是最小的几倍。
report_steadiness() {
    [[ $own_core ]] && ((rounds > 1)) && has_peer nginx || return 0
    echo
    echo "稳不稳:一个程序 ÷ nginx,各轮的最大是最小的几倍(各个程序、三种文件的中位数)。各占一核 $(unsteadiness pinned),都用全部的核 $(unsteadiness shared)。"
}

unsteadiness() {
    local peer kind
    for peer in "${peers[@]}"; do
        for kind in k1-64 k16-64 m1-64; do
            [[ $peer == nginx ]] || ratios "$peer" nginx "$1-$kind" per_second | sort -g |
                awk '{v[NR] = $1} END {if (v[1] > 0) print v[NR] / v[1]}'
        done
    done | median | awk '{printf "%.2f", $1}'
}

compare_stages() {
    local layout
    for layout in pinned shared; do
        goal_of 53 k1-64 nginx per_second ≥ 0.75
        compare_poll
    done
    goal_of 57 rate nginx p50_us
    goal_of 57 rate nginx p99_us ≤ 1.05
    goal_of 57 idle nginx pss
    most_memory
}

# 57 的目标。相差不到 5 % 的看不出来,算一样。
compare_poll() {
    goal_of 57 k1-64 nginx per_second ≥ 1.3
    goal_of 57 k1-64 nginx cpu_us ≤ 0.65
    goal_of 57 k1-256 nginx per_second ≥ 1.3
    goal_of 57 k1-256 nginx cpu_us ≤ 0.65
    goal_of 57 k1-64 best per_second ≥ 1
    goal_of 57 k1-256 best per_second ≥ 1
    goal_of 57 k16-64 nginx per_second ≥ 1.05
    goal_of 57 k16-64 nginx cpu_us ≤ 0.75
    goal_of 57 k16-256 nginx per_second ≥ 1.05
    goal_of 57 k16-256 nginx cpu_us ≤ 0.75
    goal_of 57 k16-64 best per_second
    goal_of 57 m1-64 nginx per_second ≥ 1.4
    goal_of 57 m1-64 best per_second
    goal_of 57 close-64 nginx per_second ≥ 0.95
    goal_of 57 pipe-64 best per_second ≥ 5
}

# 一行:阶段 $1 与 $3(best 是最快的那个)在情形 $2 下项目 $4 的比值,目标 $5 $6。
goal_of() {
    local kind=$2 other=$3 goal=– where item
    declare -A item_label=([per_second]="请求/秒" [cpu_us]="每次的 CPU" [p50_us]="p50" [p99_us]="p99" [pss]="PSS")
    case $kind in
    rate) where="每秒 $web_rate 次" item=${layout_label[pinned]} ;;
    idle) where="不说话的连接" item=${layout_label[shared]} ;;
    *) where=${web_kind_label[$kind]} item=${layout_label[$layout]} kind=$layout-$kind ;;
    esac
    if [[ $other == best ]]; then other=$(best_peer "$kind"); fi
    [[ $other && $(values "$1" "$kind" "$4") && $(values "$other" "$kind" "$4") ]] || return 0
    if [[ ${5:-} ]]; then
        goal=$(ratios "$1" "$other" "$kind" "$4" | median | awk -v sign="$5" -v goal="$6" \
            '{print sign " " goal ":" ((sign == "≤" ? $1 <= goal : $1 >= goal) ? "达到" : "没有达到")}')
        if [[ $own_core && $4 != pss ]] && is_noisy probe; then goal+="(机器不安静,不算数)"; fi
    fi
    echo "| $item | $where | ${web_label[$1]} ÷ ${web_label[$other]}$([[ $3 == best ]] && echo "(最快的)") |" \
        "${item_label[$4]} $(ratios "$1" "$other" "$kind" "$4" | spread) | $goal |"
}

# 别人的程序里,情形 $1 下最快的那个。
best_peer() {
    local peer
    for peer in "${peers[@]}"; do
        [[ $peer != 5* && $(values "$peer" "$1" per_second) ]] || continue
        echo "$(middle "$peer" "$1" per_second) $peer"
    done | sort -gr | awk 'NR == 1 {print $2}'
}

# 57 开着那么多连接时,最多用了多少内存。
most_memory() {
    local most
    most=$(values 57 idle rss | sort -n | tail -1 | mebibytes_of)
    [[ $most ]] || return 0
    echo "| ${layout_label[shared]} | 不说话的连接 | ${web_label[57]} | RSS $(printf %.1f "$most") MiB | ≤ 5:$(awk -v most="$most" 'BEGIN {print most <= 5 ? "达到" : "没有达到"}') |"
}

# 布局 $layout 下,每个程序的项目 $1 是 nginx 的几倍;$2 是标题。流水线只有第二个 nginx 测了。
web_ratios() {
    local kind row value base
    [[ $(values nginx "$layout-k1-64" "$1") ]] || return 0
    echo
    echo "$2,${layout_label[$layout]}:"
    echo
    web_heading 服务器
    for peer in "${peers[@]}"; do
        [[ $peer != nginx ]] || continue
        row="| ${web_label[$peer]} |"
        for kind in "${kinds[@]}"; do
            shown_in_layout || continue
            base=nginx value=–
            if [[ $kind == pipe-64 ]]; then base=buffered; fi
            if [[ $(ratios "$peer" "$base" "$layout-$kind" "$1") ]]; then
                value=$(ratios "$peer" "$base" "$layout-$kind" "$1" | median | awk '{printf "%.2f", $1}')
            fi
            row+=" $value |"
        done
        echo "$row"
    done
}

# ---- 图 ------------------------------------------------------------------

# 1 KiB、64 条连接:每个程序两条,一种布局一条,长短是请求/秒,后面是每次的 CPU。自带底色,深色的页面上也看得清。
draw_web() {
    local peer layout
    for peer in "${peers[@]}"; do
        printf %s "${web_label[$peer]}"
        for layout in pinned shared; do
            printf '\t%s\t%s' "$(middle_or_nothing "$layout-k1-64" per_second)" "$(middle_or_nothing "$layout-k1-64" cpu_us)"
        done
        echo
    done | awk -F '\t' -f scripts/bench.d/web.awk
}

# 程序 $peer 在情形 $1 下项目 $2 的中位数,没有测就什么也没有。
middle_or_nothing() { if [[ $(values "$peer" "$1" "$2") ]]; then middle "$peer" "$1" "$2"; fi; }
