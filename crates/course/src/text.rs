//! 终端里的文字:一个汉字占两列。

use unicode_width::UnicodeWidthStr;

/// `text` 在终端里占几列。
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// 右边补空格,补到 `columns` 列。
#[must_use]
pub fn pad(text: &str, columns: usize) -> String {
    let blanks = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(blanks))
}

/// 对齐的表格:列与列之间空两格,行尾不留空格。每行的列数应相同。
#[must_use]
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .map(|row| width(&row[column]))
                .max()
                .unwrap_or(0)
        })
        .collect();
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(&widths);
            let cells: Vec<String> = cells.map(|(cell, width)| pad(cell, *width)).collect();
            format!("{}\n", cells.join("  ").trim_end())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_is_two_columns_wide() {
        assert_eq!(width("UDP 回声"), 8);
        assert_eq!(pad("回", 3), "回 ");
        let rows = [["章", "包"], ["1", "udp-echo"]].map(|row| row.map(String::from).to_vec());
        assert_eq!(table(&rows), "章  包\n1   udp-echo\n");
    }
}
