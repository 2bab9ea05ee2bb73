# 画图:一行一个程序(名字、请求/秒、每次几微秒 CPU,用制表符分开),画成一份 SVG。where 是布局。

{
    name[NR] = $1; rate[NR] = $2; cpu[NR] = $3
    if ($2 > most) most = $2
}

END {
    left = 170; top = 64; step = 34; bar = 20; longest = 330
    height = top + NR * step + 14
    title = "1 KiB 的文件，64 条连接，" where "：请求/秒"
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 %d\" font-family=\"sans-serif\" font-size=\"15\" role=\"img\" aria-label=\"%s\">\n", height, title
    printf "  <rect width=\"760\" height=\"%d\" fill=\"#ffffff\"/>\n", height
    printf "  <text x=\"24\" y=\"32\" font-size=\"17\" fill=\"#1b1b1b\">%s</text>\n", title
    printf "  <text x=\"736\" y=\"52\" font-size=\"13\" text-anchor=\"end\" fill=\"#555555\">服务器 CPU，每次</text>\n"
    for (i = 1; i <= NR; i++) {
        y = top + (i - 1) * step
        ours = name[i] ~ /^5[0-9] /
        width = rate[i] / most * longest
        printf "  <text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#1b1b1b\">%s</text>\n", left - 10, y + 16, label(name[i])
        printf "  <rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"3\" fill=\"%s\"/>\n", left, y, width < 1 ? 1 : width, bar, ours ? "#3b6fb6" : "#b67a1f"
        printf "  <text x=\"%.1f\" y=\"%d\" fill=\"#1b1b1b\">%s</text>\n", left + width + 8, y + 16, thousands(rate[i])
        printf "  <text x=\"736\" y=\"%d\" text-anchor=\"end\" fill=\"#555555\">%.1f µs</text>\n", y + 16, cpu[i]
    }
    print "</svg>"
}

# 图里的文字用全角标点。
function label(text) {
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
