//! 画图:有效速率随丢失率的变化,一条曲线一种方式,SVG。

use std::fmt::Write;

/// 一条曲线。
#[derive(Debug, Clone)]
pub struct Curve {
    name: &'static str,
    /// (丢失率, 有效速率 KB/s)。
    points: Vec<(f64, f64)>,
}

impl Curve {
    /// 一条还没有点的曲线。
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            points: Vec::new(),
        }
    }

    /// 加一个点。
    pub fn add(&mut self, loss: f64, goodput: f64) {
        self.points.push((loss, goodput));
    }
}

/// 画面和坐标框,像素。
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 590.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 360.0;

/// 横轴到这里为止,百分之几。
const MAX_LOSS: f64 = 30.0;

/// 每条曲线的颜色和虚实:不靠颜色也分得清。
const STYLES: [(&str, &str); 3] = [("#b67a1f", "2 5"), ("#8a1f1f", "10 5"), ("#3b6fb6", "none")];

/// 画出来。三种方式相差几百倍,纵轴用对数:每一大格十倍。
pub fn draw(curves: &[Curve]) -> String {
    let highest = curves.iter().flat_map(|curve| &curve.points);
    let highest = highest.map(|(_, goodput)| *goodput).fold(10.0, f64::max);
    let decades = highest.log10().ceil();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"15\" role=\"img\" \
         aria-label=\"丢失率越高,有效速率越低;选择重传一直最快,停等一直最慢\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    axes(&mut svg, decades);
    for (curve, style) in curves.iter().zip(STYLES) {
        line(&mut svg, curve, style, decades);
    }
    svg.push_str("</svg>\n");
    svg
}

fn x(loss: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * loss / MAX_LOSS
}

fn y(goodput: f64, decades: f64) -> f64 {
    let share = goodput.max(1.0).log10() / decades;
    BOTTOM - (BOTTOM - TOP) * share
}

// 往 String 里写不会失败。
fn axes(svg: &mut String, decades: f64) {
    let mut goodput = 1.0;
    while goodput <= 10_f64.powf(decades) {
        let height = y(goodput, decades);
        let _ = write!(
            svg,
            "<line x1=\"{LEFT}\" y1=\"{height:.1}\" x2=\"{RIGHT}\" y2=\"{height:.1}\" stroke=\"#dddddd\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#555555\">{goodput}</text>\n",
            LEFT - 8.0,
            height + 5.0
        );
        goodput *= 10.0;
    }
    for loss in [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0] {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555555\">{loss}%</text>",
            x(loss),
            BOTTOM + 22.0
        );
    }
    let _ = write!(
        svg,
        "<path d=\"M{LEFT} {TOP} V{BOTTOM} H{RIGHT}\" fill=\"none\" stroke=\"#1b1b1b\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#1b1b1b\">丢失率</text>\n\
         <text x=\"{LEFT}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#1b1b1b\">有效速率 KB/s（对数）</text>\n",
        (LEFT + RIGHT) / 2.0,
        BOTTOM + 46.0,
        TOP - 12.0
    );
}

fn line(svg: &mut String, curve: &Curve, (color, dashes): (&str, &str), decades: f64) {
    let place = |(loss, goodput): &(f64, f64)| (x(*loss), y(*goodput, decades));
    let points: Vec<(f64, f64)> = curve.points.iter().map(place).collect();
    let path: Vec<String> = points
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2.5\" stroke-dasharray=\"{dashes}\"/>",
        path.join(" ")
    );
    for (x, y) in &points {
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{color}\"/>"
        );
    }
    if let Some((x, y)) = points.last() {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">{}</text>",
            x + 12.0,
            y + 5.0,
            curve.name
        );
    }
}
