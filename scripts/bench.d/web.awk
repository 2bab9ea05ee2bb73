# 画图:一行一个程序,用制表符分开:名字,两种布局各有请求/秒、每次几微秒 CPU(没有测就空着)。画成一份 SVG。

{
    name[NR] = $1
    for (layout = 1; layout <= 2; layout++) {
        rate[NR, layout] = $(2 * layout)
        cpu[NR, layout] = $(2 * layout + 1)
        if (rate[NR, layout] > most) most = rate[NR, layout]
    }
}

END {
    left = 170; top = 84; step = 46; bar = 16; longest = 370
    height = top + NR * step + 10
    title = "1 KiB 的文件，64 条连接：请求/秒，和服务器每次的 CPU"
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 %d\" font-family=\"sans-serif\" font-size=\"14\" role=\"img\" aria-label=\"%s\">\n", height, title
    printf "  <rect width=\"760\" height=\"%d\" fill=\"#ffffff\"/>\n", height
    printf "  <text x=\"24\" y=\"32\" font-size=\"17\" fill=\"#1b1b1b\">%s</text>\n", title
    legend(left, 1, "服务器、wrk 各占一核")
    legend(left + 220, 2, "都用全部的核")
    for (i = 1; i <= NR; i++) {
        y = top + (i - 1) * step
        printf "  <text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#1b1b1b\">%s</text>\n", left - 10, y + 22, shown(name[i])
        for (layout = 1; layout <= 2; layout++) draw(i, layout, y + (layout - 1) * (bar + 2))
    }
    print "</svg>"
}

# 颜色:我们的蓝,别人的棕;第一种布局深,第二种浅。
function color(ours, layout) {
    if (ours) return layout == 1 ? "#3b6fb6" : "#a9c4e8"
    return layout == 1 ? "#b67a1f" : "#e6c893"
}

function legend(x, layout, text) {
    printf "  <rect x=\"%d\" y=\"50\" width=\"14\" height=\"14\" rx=\"2\" fill=\"%s\"/>\n", x, color(1, layout)
    printf "  <rect x=\"%d\" y=\"50\" width=\"14\" height=\"14\" rx=\"2\" fill=\"%s\"/>\n", x + 18, color(0, layout)
    printf "  <text x=\"%d\" y=\"62\" fill=\"#555555\">%s</text>\n", x + 40, text
}

function draw(i, layout, y, width) {
    if (rate[i, layout] == "") return
    width = rate[i, layout] / most * longest
    if (width < 1) width = 1
    printf "  <rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"/>\n", left, y, width, bar, color(name[i] ~ /^5[0-9] /, layout)
    printf "  <text x=\"%.1f\" y=\"%d\" font-size=\"13\" fill=\"#1b1b1b\">%s <tspan fill=\"#666666\">%.1f µs</tspan></text>\n", left + width + 8, y + 13, thousands(rate[i, layout]), cpu[i, layout]
}

# 图里的文字用全角标点。
function shown(text) {
    gsub(/,/, "，", text)
    return text
}

# 三位一组。
function thousands(number, digits, grouped) {
    digits = sprintf("%.0f", number)
    while (length(digits) > 3) {
        grouped = " " substr(digits, length(digits) - 2) grouped
        digits = substr(digits, 1, length(digits) - 3)
    }
    return digits grouped
}
